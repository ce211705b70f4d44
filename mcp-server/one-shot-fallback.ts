import type { ChildProcessByStdio, spawn as Spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import {
  FRAME_REQUEST,
  FRONT_VARIABLE,
  REQUEST_VARIABLE,
  SESSION_VARIABLE,
} from '../shared/contracts/find-tools-fields.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { compileCache } from '../shared/files/compile-cache.ts'
import { LineSplitter, type SplitLine } from '../shared/line-splitter.ts'
import { type QueueOutcome, SharedQueue, type StartedWork } from './shared-queue.ts'
import type { StderrLog } from './stderr-log.ts'

/** How one-shots are run. Times are milliseconds. */
export interface OneShotFallbackOptions {
  /** The bundled one-shot program. */
  programPath: string
  /** The MCP session its calls belong to. */
  session: () => string
  /** The environment they run in, beside the session's name. */
  variables: Readonly<Record<string, string | undefined>>
  processTimeoutMs: number
  log: StderrLog
  spawn?: typeof Spawn
}

// Each is a Node of its own: many at once would slow each other down, and take the memory of all else.
const MAX_ALIVE = 4
const MAX_ANSWER_BYTES = 8 * 1024 * 1024
const MAX_STDERR_CHARACTERS = 4_096
// Time for a one-shot to end the servers it started before it is killed itself.
const TERM_GRACE_MS = 500
const EXIT_GRACE_MS = 1_000
// A descendant can hold the pipes open after the one-shot's own exit.
const PIPE_GRACE_MS = 250

/** Answers find_tools and frames with a process per call: at most four alive, identical calls share one, the rest wait in line. */
export class OneShotFallback implements AsyncDisposable {
  readonly #queue: SharedQueue<string>

  constructor(options: OneShotFallbackOptions) {
    const start = (key: string, signal: AbortSignal) => startOneShot(fromKey(key), options, signal)
    this.#queue = new SharedQueue({ maxRunning: MAX_ALIVE, start })
  }

  /**
   * Resolves with the body the worker would have sent for `input` (JSON text), or with `recalled` when it was handed back unstarted.
   * Throws `overloaded` when no place was free until `deadline`, `timeout`, `server_unavailable`, or the signal's reason.
   */
  ask(input: string, deadline: AbortSignal, signal: AbortSignal): Promise<QueueOutcome<string>> {
    return this.#queue.run(toKey({ kind: 'find_tools', input }), deadline, signal)
  }

  /** Resolves with the frame with which the worker would have answered a frame, or an error body; otherwise as {@link ask}. */
  askFrame(frame: string, deadline: AbortSignal, signal: AbortSignal): Promise<QueueOutcome<string>> {
    return this.#queue.run(toKey({ kind: FRAME_REQUEST, input: frame }), deadline, signal)
  }

  /** Hands back the calls that have not started, because the worker is back. */
  recall(): void {
    this.#queue.recall()
  }

  /** Ends every one-shot with its process group and waits until they are gone. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]()
  }
}

/** What a one-shot is asked, as JSON text. */
interface OneShotRequest {
  kind: string
  input: string
}

// No kind has a line break.
function toKey({ kind, input }: OneShotRequest): string {
  return `${kind}\n${input}`
}

function fromKey(key: string): OneShotRequest {
  const end = key.indexOf('\n')
  return { kind: key.slice(0, end), input: key.slice(end + 1) }
}

function startOneShot(
  request: OneShotRequest,
  options: OneShotFallbackOptions,
  signal: AbortSignal,
): StartedWork<string> {
  try {
    return new OneShotProcess(request, options, signal)
  } catch (cause) {
    return { answer: Promise.reject(couldNotStart(cause)), ended: Promise.resolve() }
  }
}

class OneShotProcess implements StartedWork<string> {
  readonly answer: Promise<string>
  readonly ended: Promise<void>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #log: StderrLog
  readonly #answer = Promise.withResolvers<string>()
  readonly #timers: NodeJS.Timeout[] = []
  #state: 'working' | 'answered' | 'stopped' = 'working'
  #stderr = ''

  constructor({ kind, input }: OneShotRequest, options: OneShotFallbackOptions, signal: AbortSignal) {
    const { programPath, session, variables, processTimeoutMs, log } = options
    const spawn = options.spawn ?? process.getBuiltinModule('node:child_process').spawn
    const ours = {
      [SESSION_VARIABLE]: session(),
      [FRONT_VARIABLE]: String(process.pid),
      [REQUEST_VARIABLE]: kind,
    }
    const env = { ...compileCache(variables), ...variables, ...ours }
    this.#child = spawn(process.execPath, [programPath], { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#log = log
    this.answer = this.#answer.promise
    this.ended = this.#watchEnd()
    this.#readOutput()
    // It may end before it has read everything; then its end is the news, not the broken pipe.
    this.#child.stdin.on('error', () => {})
    this.#child.stdin.end(`${input}\n`)
    const late = new ServiceError('timeout', `The one-shot did not answer within ${processTimeoutMs} ms.`)
    this.#after(processTimeoutMs, () => this.#stop(late))
    signal.addEventListener('abort', () => this.#stop(signal.reason), { once: true })
  }

  #readOutput(): void {
    const splitter = new LineSplitter({ maxLineBytes: MAX_ANSWER_BYTES })
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(splitter.push(chunk)))
    this.#child.stdout.on('end', () => this.#take(splitter.end()))
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-MAX_STDERR_CHARACTERS)
    })
  }

  #take([line]: SplitLine[]): void {
    if (line === undefined || this.#state !== 'working') return
    if (line.kind === 'too-long') return this.#stop(new ServiceError('too_large', 'The one-shot answered too much.'))
    this.#state = 'answered'
    this.#answer.resolve(line.bytes.toString())
    this.#after(EXIT_GRACE_MS, () => this.#endGroup())
  }

  #stop(reason: unknown): void {
    if (this.#state === 'working') {
      this.#state = 'stopped'
      this.#answer.reject(reason)
    }
    this.#endGroup()
  }

  #endGroup(): void {
    this.#signalGroup('SIGTERM')
    this.#after(TERM_GRACE_MS, () => this.#signalGroup('SIGKILL'))
  }

  #signalGroup(signal: NodeJS.Signals): void {
    // Once it was waited for, its number may be another's.
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    killGroup(this.#child.pid, signal)
  }

  #watchEnd(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = (failure: ServiceError) => {
      for (const timer of this.#timers) clearTimeout(timer)
      if (this.#state === 'working') this.#fail(failure)
      resolve()
    }
    this.#child.once('error', (cause) => {
      if (this.#child.pid === undefined) end(couldNotStart(cause))
    })
    this.#child.once('exit', () => {
      // What it left in its group must not outlive it. At this moment the number cannot have been given away yet.
      if (this.#child.pid !== undefined) killGroup(this.#child.pid, 'SIGKILL')
      this.#after(PIPE_GRACE_MS, () => {
        this.#child.stdout.destroy()
        this.#child.stderr.destroy()
      })
    })
    this.#child.once('close', (code, killedBy) => end(gaveNoAnswer(killedBy ?? `exit code ${code}`)))
    return promise
  }

  #fail(failure: ServiceError): void {
    const lines = this.#stderr.trimEnd().split('\n')
    const lastWords = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1)
    this.#log.sparse('one-shot-failed', lastWords ? `${failure.message} It said: ${lastWords}` : failure.message)
    this.#answer.reject(failure)
  }

  #after(ms: number, action: () => void): void {
    this.#timers.push(setTimeout(action, ms).unref())
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group is gone already.
  }
}

function couldNotStart(cause: unknown): ServiceError {
  return new ServiceError('server_unavailable', 'The one-shot could not be started.', { cause })
}

function gaveNoAnswer(end: string): ServiceError {
  return new ServiceError('server_unavailable', `The one-shot ended without an answer (${end}).`)
}
