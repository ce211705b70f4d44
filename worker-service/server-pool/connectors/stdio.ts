import type { spawn as nodeSpawn } from 'node:child_process'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { FrameWriter } from '../../../shared/frame-writer.ts'
import { LineSplitter, type SplitLine } from '../../../shared/line-splitter.ts'
import { SYSTEM_CLOCK } from '../clock.ts'
import type { StdioServerDefinition } from '../server-definition.ts'
import { ChildSupervision, type SupervisedChild } from './child-supervision.ts'
import type { Connection, ConnectionEnd, Connector, FrameReceiver } from './connector.ts'
import type { ErrorLogs, OpenLog } from './error-logs.ts'
import { ErrorOutput } from './error-output.ts'
import { inheritedEnvironment } from './inherited-environment.ts'
import { requestAnsweredBy } from './oversized-frame.ts'
import { PacedLines } from './paced-lines.ts'
import type { ResolvedPrograms } from './resolved-programs.ts'
import { type FirstNews, startEntry } from './start-entry.ts'
import type { RunningProcess } from './start-process.ts'
import { UnaskedOutput } from './unasked-output.ts'

/** How servers run as children. */
export interface StdioConnectorOptions {
  /** The environment that children inherit their part of. */
  variables: Readonly<Record<string, string | undefined>>
  spawn?: typeof nodeSpawn
  graces?: StopGraces
  /** Keeps children from outliving this process, for all connectors or as this one's own; without it they are process groups and nothing more. */
  supervision?: ChildSupervision | 'own'
  /** Where error outputs are kept; in memory only without it. */
  errorLogs?: ErrorLogs
  /** What entries that use a package runner were found to run; they always run as written without it. */
  programs?: ResolvedPrograms
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** How long a server is waited for after its input ended, after SIGTERM, and after SIGKILL, in milliseconds. */
interface StopGraces {
  inputEndMs: number
  termMs: number
  killMs: number
}

const STOP_GRACES: StopGraces = { inputEndMs: 500, termMs: 700, killMs: 500 }
// A descendant outside the group can keep the pipes open; what the server itself wrote has long arrived by then.
const PIPE_GRACE_MS = 40
// A server that exits closes its input as well, and its exit is the better news.
const EXIT_NEWS_MS = 100
const GROUP_TRIES = 40
const GROUP_TRY_MS = 5
const OPEN_BRACE = 0x7b
const SPACE = 0x20
const TAB = 0x09

/** Makes the connector for servers that run as child processes and speak over their pipes. */
export function createStdioConnector(options: StdioConnectorOptions): Connector<StdioServerDefinition> {
  const { graces = STOP_GRACES, now = Date.now, errorLogs, variables } = options
  const supervision = superviseAs(options)
  const starter = { inherited: inheritedEnvironment(variables), supervision, programs: options.programs }
  return async (definition, signal) => {
    signal.throwIfAborted()
    const started = await startEntry(definition, starter)
    const connection = new StdioConnection({
      definition,
      ...started,
      graces,
      now,
      log: errorLogs?.open(definition.name),
    })
    if (!signal.aborted) return connection
    await connection[Symbol.asyncDispose]()
    throw signal.reason
  }
}

function superviseAs({ supervision, spawn, variables }: StdioConnectorOptions): ChildSupervision {
  if (supervision === 'own') return ChildSupervision.unrecorded({ variables, ...(spawn !== undefined && { spawn }) })
  return supervision ?? ChildSupervision.unisolated(spawn)
}

interface StdioParts {
  definition: StdioServerDefinition
  child: SupervisedChild
  firstNews: FirstNews
  graces: StopGraces
  log: OpenLog | undefined
  now: () => number
}

class StdioConnection implements Connection {
  readonly closed: Promise<ConnectionEnd>
  skippedLines = 0
  readonly #definition: StdioServerDefinition
  readonly #supervised: SupervisedChild
  readonly #child: RunningProcess
  readonly #graces: StopGraces
  readonly #log: OpenLog | undefined
  readonly #errorOutput: ErrorOutput
  readonly #input: FrameWriter
  readonly #unasked = new UnaskedOutput(() => SYSTEM_CLOCK.now())
  readonly #end = Promise.withResolvers<ConnectionEnd>()
  /** Resolves when the process has exited and its pipes are closed. */
  readonly #gone = Promise.withResolvers<void>()
  #firstNews: FirstNews | undefined
  #output: PacedLines | undefined
  #stopping: Promise<void> | undefined

  constructor({ definition, child, firstNews, graces, log, now }: StdioParts) {
    this.#definition = definition
    this.#supervised = child
    this.#child = child.process
    this.#graces = graces
    this.#firstNews = firstNews
    this.#log = log
    this.closed = this.#end.promise
    const { stderr, stdin } = this.#child
    this.#input = new FrameWriter(stdin)
    // Read from the first moment on: a full pipe would block the server before it connects.
    this.#errorOutput = new ErrorOutput(stderr, {
      secrets: Object.values(definition.env),
      log,
      now,
      clock: SYSTEM_CLOCK,
    })
    stdin.on('error', () => this.#inputClosed())
    this.#child.once('exit', (code, signal) => this.#exited({ kind: 'exited', ...child.exitOf({ code, signal }) }))
  }

  receive(receiver: FrameReceiver): void {
    const splitter = new LineSplitter({
      maxLineBytes: this.#definition.maxMessageBytes,
      lineSkipped: (ends) => receiver.oversizedFrame(requestAnsweredBy(ends)),
    })
    this.#output = new PacedLines({
      stream: this.#child.stdout,
      splitter,
      allowance: this.#unasked,
      take: (line) => this.#deliver(line, receiver),
      clock: SYSTEM_CLOCK,
    })
    this.#child.stdin.on('drain', () => receiver.drained?.())
  }

  async send(frame: Buffer | string): Promise<void> {
    this.write(frame)
    try {
      await this.#input.taken()
    } catch (thrown) {
      throw this.#takesNoMore(thrown)
    }
  }

  write(frame: Buffer | string): boolean {
    const bytes = typeof frame === 'string' ? Buffer.from(frame) : frame
    this.#refuseTooLarge(bytes)
    if (!this.#child.stdin.writable) throw this.#takesNoMore()
    return this.#input.write(bytes)
  }

  tookFrame(bytes: number, isAnswer: boolean): void {
    this.#unasked.tookFrame(bytes, isAnswer)
  }

  get processId(): number | undefined {
    return this.#child.pid
  }

  get waitingBytes(): number {
    return this.#input.waitingBytes
  }

  lastWords(): string[] {
    return this.#errorOutput.lastLines()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stop()
    await this.#stopping
  }

  #refuseTooLarge(frame: Buffer): void {
    const { name, maxMessageBytes } = this.#definition
    if (frame.length <= maxMessageBytes) return
    const message = `server "${name}": a message over ${maxMessageBytes} bytes cannot be sent. Raise its "maxMessageBytes".`
    throw new ServiceError('too_large', message)
  }

  #takesNoMore(cause?: unknown): ServiceError {
    const message = `server "${this.#definition.name}" takes no more messages.`
    return new ServiceError('connection_closed', message, { cause })
  }

  #deliver(line: SplitLine, receiver: FrameReceiver): void {
    // Told when it has ended.
    if (line.kind === 'too-long') return
    // Every JSON-RPC message is an object; what else stands on a line is a banner.
    if (firstVisibleByte(line.bytes) !== OPEN_BRACE) {
      this.skippedLines++
      this.#unasked.skipped(line.bytes.length)
      return
    }
    this.#tellFirst('spoke')
    receiver.frame(line.bytes)
  }

  // What was written is read to its end, however much it is: the pipes are cut soon.
  #readToTheEnd(): void {
    this.#output?.hurry()
    this.#errorOutput.hurry()
    this.#child.stdout.resume()
  }

  #tellFirst(news: keyof FirstNews): void {
    const first = this.#firstNews
    this.#firstNews = undefined
    first?.[news]()
  }

  // A server that no longer reads can answer nothing more, though it may live on.
  #inputClosed(): void {
    setTimeout(() => this.#end.resolve({ kind: 'input-closed' }), EXIT_NEWS_MS).unref()
  }

  #exited(end: ConnectionEnd): void {
    // The number of the group cannot be another's yet: this is the moment its leader was waited for.
    if (this.#child.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL')
    this.#supervised.release()
    this.#readToTheEnd()
    const { stdin, stdout, stderr } = this.#child
    const cut = setTimeout(() => [stdin, stdout, stderr].forEach((pipe) => pipe.destroy()), PIPE_GRACE_MS).unref()
    this.#child.once('close', () => {
      clearTimeout(cut)
      this.#errorOutput.end()
      this.#whenGroupIsEmpty(() => {
        this.#tellFirst('exitedSilently')
        this.#end.resolve(end)
        this.#gone.resolve()
      })
    })
  }

  // Who was killed takes a moment to be gone, and in a container without an init is never waited for.
  #whenGroupIsEmpty(then: () => void, triesLeft = GROUP_TRIES): void {
    const { pid } = this.#child
    if (triesLeft === 0 || pid === undefined || !signalGroup(pid, 0)) return then()
    setTimeout(() => this.#whenGroupIsEmpty(then, triesLeft - 1), GROUP_TRY_MS)
  }

  async #stop(): Promise<void> {
    this.#firstNews = undefined
    this.#end.resolve({ kind: 'stopped' })
    // A full pipe would keep the server from ending.
    this.#readToTheEnd()
    this.#input.flush()
    this.#child.stdin.end()
    await this.#endProcess()
    await this.#supervised.endContainer()
    await this.#log?.[Symbol.asyncDispose]()
  }

  async #endProcess(): Promise<void> {
    if (await this.#goneWithin(this.#graces.inputEndMs)) return
    this.#signalLivingGroup('SIGTERM')
    if (await this.#goneWithin(this.#graces.termMs)) return
    this.#signalLivingGroup('SIGKILL')
    await this.#goneWithin(this.#graces.killMs)
  }

  async #goneWithin(graceMs: number): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<false>()
    const timer = setTimeout(resolve, graceMs, false)
    const gone = await Promise.race([this.#gone.promise.then(() => true), late])
    clearTimeout(timer)
    return gone
  }

  #signalLivingGroup(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child
    if (pid !== undefined && exitCode === null && signalCode === null) signalGroup(pid, signal)
  }
}

// False when nobody is left in the group.
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal)
  } catch {
    return false
  }
}

function firstVisibleByte(line: Buffer): number | undefined {
  let at = 0
  while (line[at] === SPACE || line[at] === TAB) at++
  return line[at]
}
