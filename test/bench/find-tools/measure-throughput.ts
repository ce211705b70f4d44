import { cpuMs } from '../../support/process-cpu.ts'
import { HttpConnection } from './http-connection.ts'

/** A path to load over HTTP: where it listens, the process that does, and the bytes of one call. */
export interface Target {
  port: number
  pid: number
  request: Buffer
}

/** What came of a load: answers per second, what each cost the processor of who gave it in milliseconds (NaN where that cannot be known), and calls that failed, connections that could not be opened among them. */
export interface Throughput {
  callsPerSecond: number
  cpuMs: number
  errors: number
}

// A call that is never answered is an error, not a benchmark that never ends.
const ANSWER_GRACE_MS = 10_000

interface LoadOptions {
  concurrency: number
  durationMs: number
  now: () => number
}

/** Keeps `concurrency` calls in flight, each on a connection of its own, for `durationMs`. Connecting is not part of the time. */
export async function measureThroughput(
  { port, pid, request }: Target,
  { concurrency, durationMs, now }: LoadOptions,
): Promise<Throughput> {
  const opened = await Promise.allSettled(Array.from({ length: concurrency }, () => HttpConnection.open(port)))
  using connections = new DisposableStack()
  const tooLate = setTimeout(() => connections.dispose(), durationMs + ANSWER_GRACE_MS)
  const cpuBefore = cpuMs(pid) ?? Number.NaN
  const startedAt = now()
  const loads = opened.flatMap((one) =>
    one.status === 'fulfilled' ? [load(connections.use(one.value), request, () => now() - startedAt < durationMs)] : [],
  )
  const counts = await Promise.all(loads)
  clearTimeout(tooLate)
  const calls = counts.reduce((sum, count) => sum + count.calls, 0)
  const errors = counts.reduce((sum, count) => sum + count.errors, concurrency - loads.length)
  const cpu = (cpuMs(pid) ?? Number.NaN) - cpuBefore
  return { callsPerSecond: calls / ((now() - startedAt) / 1_000), cpuMs: cpu / calls, errors }
}

async function load(connection: HttpConnection, request: Buffer, goesOn: () => boolean) {
  const count = { calls: 0, errors: 0 }
  try {
    while (goesOn()) {
      await connection.send(request)
      count.calls++
    }
  } catch {
    count.errors++
  }
  return count
}
