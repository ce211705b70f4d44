import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Program, type ProgramOptions } from './program.ts'

/** The command as it ships. */
export const PILOT = join(import.meta.dirname, '../../dist/pilot.cjs')

const PROBE_INTERVAL_MS = 10
const PROBE_DEADLINE_MS = 250
const START_DEADLINE_MS = 60_000

/** Starts a worker on `port` and resolves when it is healthy. Throws its last words when it ends first. */
export async function startWorker(port: number, options: Omit<ProgramOptions, 'args'>): Promise<Program> {
  const worker = spawnWorker(port, options)
  const healthy = await untilHealthy(port, AbortSignal.any([AbortSignal.timeout(START_DEADLINE_MS), ended(worker)]))
  if (healthy) return worker
  await worker[Symbol.asyncDispose]()
  throw new Error(`The worker did not become healthy. It said:\n${worker.lastWords}`)
}

/** Starts a worker on `port` without waiting for it. */
export function spawnWorker(port: number, { variables, stderrPath }: Omit<ProgramOptions, 'args'>): Program {
  const args = [PILOT, 'service', 'run']
  return new Program({ args, variables: { ...variables, WORKER_SERVICE_PORT: String(port) }, stderrPath })
}

/** Asks `/health` every few milliseconds, each time over a new connection. False when the signal aborts first. */
export async function untilHealthy(port: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await answersOk(port, '/health')) return true
    await sleep(PROBE_INTERVAL_MS, undefined, { signal }).catch(() => {})
  }
  return false
}

/** Resolves when the worker has listed its servers. Throws when it has not within the time a start may take. */
export async function untilReady(port: number): Promise<void> {
  const deadline = AbortSignal.timeout(START_DEADLINE_MS)
  while (!(await answersOk(port, '/ready'))) await sleep(50, undefined, { signal: deadline })
}

function answersOk(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(PROBE_DEADLINE_MS)
    const request = get({ host: '127.0.0.1', port, path, agent: false, signal }, (response) => {
      response.resume()
      response.on('error', () => resolve(false))
      response.on('end', () => resolve(response.statusCode === 200))
    })
    request.on('error', () => resolve(false))
  })
}

function ended(program: Program): AbortSignal {
  const controller = new AbortController()
  void program.exited.then(() => controller.abort())
  return controller.signal
}
