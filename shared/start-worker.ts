import type { ChildProcess } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from './environment.ts'
import { EXIT_BY_CODE } from './errors/exit-code.ts'
import { ServiceError } from './errors/service-error.ts'
import { compileCache } from './files/compile-cache.ts'
import { holdLock } from './files/kernel-lock.ts'
import { ensurePrivateFolder } from './files/private-folder.ts'
import { heapBound } from './heap-bound.ts'
import { VERSION } from './version.ts'
import type { WorkerMode } from './worker-mode.ts'
import { askToEnd, lookForWorker, type WorkerPresence } from './worker-presence.ts'
import { readWorkerRecord, type WorkerRecord } from './worker-record.ts'

/** Which worker is wanted, and how. */
export interface WorkerStart {
  readonly environment: Environment
  /** The environment variables of this process, which are those of the worker too. */
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly mode: Exclude<WorkerMode, 'foreground'>
  /** What becomes of a worker in the background that is of another version. Replaced by default. */
  readonly otherVersion?: 'replaced' | 'taken'
  /** How long to wait for it, in milliseconds. */
  readonly patienceMs?: number
}

/** A worker that answers, and how it came about. */
export type FoundWorker =
  /** It was there. Its `version` may be another one where it is not ours to replace. */
  | { readonly how: 'attached'; readonly version: string; readonly record: WorkerRecord | undefined }
  | { readonly how: 'started'; readonly version: string; readonly record: WorkerRecord; readonly before: Predecessor }

/** What was there before a worker was started: nothing, one that ended without a word, or one of another version that made room. */
export type Predecessor = { readonly fate: 'none' } | { readonly fate: 'vanished' | 'replaced'; record: WorkerRecord }

// Found from the bundle and from the source alike.
const WORKER_PROGRAM = join(import.meta.dirname, '../dist/worker.cjs')
const PATIENCE_MS = 30_000
const RECORD_PATIENCE_MS = 2_000
const POLL_MS = 10
const MAX_LAST_WORDS_CHARACTERS = 4_000
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_APPEND

/**
 * Finds the worker of this user and configuration, or starts it in the background: one, however many ask for it at once, which is a child
 * of nobody and outlives whoever started it. Throws `server_unavailable` or `invalid_configuration` with what the worker said where it
 * does not start, and the signal's reason; a start that has begun goes on then.
 */
export async function startWorker(start: WorkerStart, signal: AbortSignal): Promise<FoundWorker> {
  const { environment, patienceMs = PATIENCE_MS } = start
  refuseForeign(environment)
  const { runtime } = environment.folders
  ensurePrivateFolder(runtime)
  const deadline = performance.now() + patienceMs
  for (;;) {
    const { presence, record } = await findWorker(runtime, signal)
    if (presence.state === 'answers' && isWanted(presence, record, start)) return attached(presence, record)
    if (!mayStart(start)) throw mustNotStart()
    // Whoever holds it starts the worker; if it is killed meanwhile, the kernel passes the turn on.
    await using turn = await holdLock({ path: join(runtime, 'start.lock'), byte: 0 })
    if (turn !== undefined) return await startInTurn(start, deadline, signal)
    if (performance.now() > deadline) throw late(start, 'Another process is starting it.')
    await sleep(POLL_MS, undefined, { signal })
  }
}

/** What to tell a person about a worker that was started; undefined where it was there already. */
export function describeStart(found: FoundWorker): string | undefined {
  if (found.how === 'attached') {
    if (found.version === VERSION) return undefined
    return `the worker is of version ${found.version} and this is ${VERSION}; "pilot service restart" replaces it`
  }
  const { before, record } = found
  const started = `process ${record.pid}, ${record.url}`
  switch (before.fate) {
    case 'none':
      return `started the worker (${started})`
    case 'vanished':
      return `the worker (process ${before.record.pid}) had ended without a word; started another (${started})`
    case 'replaced':
      return `replaced the worker of version ${before.record.version} (process ${before.record.pid}) by ${VERSION} (${started})`
  }
}

function refuseForeign({ worker }: Environment): void {
  if (worker.url === undefined) return
  const message = `The worker at ${worker.url} is somebody else's to start (WORKER_SERVICE_URL is set).`
  throw new ServiceError('server_unavailable', message)
}

function mayStart({ environment, mode }: WorkerStart): boolean {
  return mode === 'background' || environment.autoStart !== false
}

function mustNotStart(): ServiceError {
  const message = 'No worker runs, and none is started on demand (WORKER_AUTO_START). Run "pilot service start".'
  return new ServiceError('server_unavailable', message)
}

// One in the foreground is somebody's who looks after it.
function isWanted({ version }: { version: string }, record: WorkerRecord | undefined, start: WorkerStart): boolean {
  if (version === VERSION || start.otherVersion === 'taken' || !mayStart(start)) return true
  return record?.background !== true
}

function attached({ version }: { version: string }, record: WorkerRecord | undefined): FoundWorker {
  return { how: 'attached', version, record }
}

interface Found {
  presence: WorkerPresence
  record: WorkerRecord | undefined
}

/** Looks who is there. One that answers and has no record is about to write it, or to end; unless somebody removed it. */
async function findWorker(runtimeFolder: string, signal: AbortSignal): Promise<Found> {
  const deadline = performance.now() + RECORD_PATIENCE_MS
  for (;;) {
    const presence = await lookForWorker(runtimeFolder, signal)
    const record = readWorkerRecord(runtimeFolder)
    const isPassing = presence.state === 'answers' && record === undefined
    if (!isPassing || performance.now() > deadline) return { presence, record }
    await sleep(POLL_MS, undefined, { signal })
  }
}

async function startInTurn(start: WorkerStart, deadline: number, signal: AbortSignal): Promise<FoundWorker> {
  const place = await untilThereIsRoom(start, deadline, signal)
  if ('how' in place) return place
  // Where there was one there may be one.
  const mode = place.fate === 'replaced' ? 'background' : start.mode
  return untilItAnswers(new BackgroundWorker({ ...start, mode }), { start, before: place, deadline }, signal)
}

/** Resolves when nobody is there, with who was; or with the worker that whoever had the turn before has started. */
async function untilThereIsRoom(
  start: WorkerStart,
  deadline: number,
  signal: AbortSignal,
): Promise<Predecessor | FoundWorker> {
  const { runtime } = start.environment.folders
  let replaced: WorkerRecord | undefined
  for (;;) {
    const { presence, record } = await findWorker(runtime, signal)
    if (presence.state === 'nobody') return predecessor(replaced, record)
    if (presence.state === 'answers' && isWanted(presence, record, start)) return attached(presence, record)
    if (presence.state === 'answers' && replaced === undefined) {
      replaced = record
      await askToEnd(runtime, signal)
    }
    if (performance.now() > deadline) throw late(start, describeSilence(record))
    await sleep(POLL_MS, undefined, { signal })
  }
}

function predecessor(replaced: WorkerRecord | undefined, left: WorkerRecord | undefined): Predecessor {
  if (replaced !== undefined) return { fate: 'replaced', record: replaced }
  // One that ends in order takes its record with it.
  return left === undefined ? { fate: 'none' } : { fate: 'vanished', record: left }
}

async function untilItAnswers(
  worker: BackgroundWorker,
  { start, before, deadline }: { start: WorkerStart; before: Predecessor; deadline: number },
  signal: AbortSignal,
): Promise<FoundWorker> {
  const { runtime } = start.environment.folders
  for (;;) {
    const { end } = worker
    const record = readWorkerRecord(runtime)
    const isOurs = record?.pid === worker.pid
    // Where another one was quicker, ours ends.
    if (record !== undefined && (isOurs || end !== undefined)) {
      const presence = await lookForWorker(runtime, signal)
      if (presence.state === 'answers' && !isOurs) return attached(presence, record)
      if (presence.state === 'answers') return { how: 'started', version: presence.version, record, before }
    }
    if (end !== undefined) throw worker.failure(end)
    if (performance.now() > deadline) {
      worker.kill()
      throw late(start, worker.lastWords())
    }
    await sleep(POLL_MS, undefined, { signal })
  }
}

function describeSilence(record: WorkerRecord | undefined): string {
  const who = record === undefined ? 'A worker' : `The worker (process ${record.pid})`
  return `${who} is there and does not answer. End it with "pilot service stop".`
}

function late({ patienceMs = PATIENCE_MS }: WorkerStart, why: string): ServiceError {
  return new ServiceError('server_unavailable', `No worker answered within ${patienceMs / 1_000} s. ${why}`.trim())
}

/** How a process ended. */
type End = number | NodeJS.Signals

/** A worker in a session of its own, with nothing of ours but its environment. What it complains about goes to a file. */
class BackgroundWorker {
  readonly #process: ChildProcess
  readonly #errorPath: string
  /** Why no process could be made. */
  #fault: Error | undefined

  constructor({ environment, variables, mode }: WorkerStart) {
    this.#errorPath = join(environment.folders.runtime, 'worker.stderr')
    const { spawn } = process.getBuiltinModule('node:child_process')
    const output = openNew(this.#errorPath)
    try {
      this.#process = spawn(process.execPath, [...heapBound([variables.NODE_OPTIONS]), WORKER_PROGRAM, mode], {
        cwd: homeFolder(),
        env: {
          ...compileCache(variables),
          ...variables,
          // Whatever was told in relation to our folder.
          PILOTLIGHT_CONFIG: environment.configPath,
          PILOTLIGHT_TOKEN_FILE: environment.worker.tokenFile,
        },
        detached: true,
        stdio: ['ignore', output, output],
      })
    } finally {
      closeSync(output)
    }
    this.#process.once('error', (fault) => {
      this.#fault = fault
    })
    this.#process.unref()
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get end(): End | undefined {
    if (this.#fault !== undefined) return 'SIGABRT'
    return this.#process.signalCode ?? this.#process.exitCode ?? undefined
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  lastWords(): string {
    return readFileSync(this.#errorPath, 'utf8').slice(-MAX_LAST_WORDS_CHARACTERS).trim()
  }

  failure(end: End): ServiceError {
    const cause = this.#fault
    const words = cause?.message ?? (this.lastWords() || whyNoWords(end, this.#errorPath))
    const code = end === EXIT_BY_CODE.invalid_configuration ? 'invalid_configuration' : 'server_unavailable'
    return new ServiceError(code, `The worker did not start. ${words}`, { cause })
  }
}

// Where there is no room for what it has to say, that is mostly why it ended.
function whyNoWords(end: End, errorPath: string): string {
  const folder = dirname(errorPath)
  return statfsSync(folder).bavail === 0
    ? `There is no room left in ${folder}.`
    : `It said nothing and ended with ${end}.`
}

// Whoever still writes to an old one keeps it.
function openNew(path: string): number {
  rmSync(path, { force: true })
  return openSync(path, NEW_FILE, 0o600)
}

// Where servers run that are given no folder: the same whoever started the worker.
function homeFolder(): string {
  return statSync(homedir(), { throwIfNoEntry: false })?.isDirectory() ? homedir() : '/'
}
