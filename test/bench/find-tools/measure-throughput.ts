import { HttpConnection } from './http-connection.ts'

/** A path to load over HTTP: where it listens and the bytes of one call. */
export interface Target {
  port: number
  request: Buffer
}

/** What came of a load: answers per second, and calls that failed, connections that could not be opened among them. */
export interface Throughput {
  callsPerSecond: number
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
  { port, request }: Target,
  { concurrency, durationMs, now }: LoadOptions,
): Promise<Throughput> {
  const opened = await Promise.allSettled(Array.from({ length: concurrency }, () => HttpConnection.open(port)))
  using connections = new DisposableStack()
  const tooLate = setTimeout(() => connections.dispose(), durationMs + ANSWER_GRACE_MS)
  const startedAt = now()
  const loads = opened.flatMap((one) =>
    one.status === 'fulfilled' ? [load(connections.use(one.value), request, () => now() - startedAt < durationMs)] : [],
  )
  const counts = await Promise.all(loads)
  clearTimeout(tooLate)
  const calls = counts.reduce((sum, count) => sum + count.calls, 0)
  const errors = counts.reduce((sum, count) => sum + count.errors, concurrency - loads.length)
  return { callsPerSecond: calls / ((now() - startedAt) / 1_000), errors }
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
