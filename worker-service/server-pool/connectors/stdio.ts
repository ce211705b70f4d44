import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { LineSplitter, type SplitLine } from '../../../shared/line-splitter.ts'
import type { StdioServerDefinition } from '../server-definition.ts'
import type { Connection, ConnectionEnd, Connector, FrameReceiver } from './connector.ts'
import { inheritedEnvironment } from './inherited-environment.ts'
import { LastWords } from './last-words.ts'
import { startChild } from './start-child.ts'

/** How servers run as children. */
export interface StdioConnectorOptions {
  /** The environment that children inherit their part of. */
  variables: Readonly<Record<string, string | undefined>>
  spawn?: typeof spawn
  graces?: StopGraces
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
const OPEN_BRACE = 0x7b
const SPACE = 0x20
const TAB = 0x09

/** Makes the connector for servers that run as child processes and speak over their pipes. */
export function createStdioConnector(options: StdioConnectorOptions): Connector<StdioServerDefinition> {
  const child = { inherited: inheritedEnvironment(options.variables), spawn: options.spawn ?? spawn }
  return async (definition, signal) => {
    signal.throwIfAborted()
    return new StdioConnection(definition, await startChild(definition, child), options.graces ?? STOP_GRACES)
  }
}

class StdioConnection implements Connection {
  readonly closed: Promise<ConnectionEnd>
  skippedLines = 0
  readonly #definition: StdioServerDefinition
  readonly #child: ChildProcessWithoutNullStreams
  readonly #graces: StopGraces
  readonly #lastWords: LastWords
  readonly #end = Promise.withResolvers<ConnectionEnd>()
  /** Resolves when the process has exited and its pipes are closed. */
  readonly #gone = Promise.withResolvers<void>()
  #stopping: Promise<void> | undefined

  constructor(definition: StdioServerDefinition, child: ChildProcessWithoutNullStreams, graces: StopGraces) {
    this.#definition = definition
    this.#child = child
    this.#graces = graces
    this.#lastWords = new LastWords(Object.values(definition.env))
    this.closed = this.#end.promise
    // Read from the first moment on: a full pipe would block the server before it connects.
    child.stderr.on('data', (chunk: Buffer) => this.#lastWords.push(chunk))
    child.stdin.on('error', () => this.#inputClosed())
    child.once('exit', (code, signal) => this.#exited({ kind: 'exited', code, signal }))
  }

  receive(receiver: FrameReceiver): void {
    const splitter = new LineSplitter({ maxLineBytes: this.#definition.maxMessageBytes })
    const deliver = (lines: SplitLine[]) => {
      for (const line of lines) this.#deliver(line, receiver)
    }
    this.#child.stdout.on('data', (chunk: Buffer) => deliver(splitter.push(chunk)))
    this.#child.stdout.once('end', () => deliver(splitter.end()))
  }

  send(frame: Buffer | string): Promise<void> {
    const { name, maxMessageBytes } = this.#definition
    if (Buffer.byteLength(frame) > maxMessageBytes) {
      const message = `server "${name}": a message over ${maxMessageBytes} bytes cannot be sent. Raise its "maxMessageBytes".`
      return Promise.reject(new ServiceError('too_large', message))
    }
    return new Promise((resolve, reject) => {
      const { stdin } = this.#child
      stdin.cork()
      stdin.write(frame)
      stdin.write('\n', (cause) => {
        if (cause == null) return resolve()
        reject(new ServiceError('connection_closed', `server "${name}" takes no more messages.`, { cause }))
      })
      stdin.uncork()
    })
  }

  lastWords(): string[] {
    return this.#lastWords.lines()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stop()
    await this.#stopping
  }

  #deliver(line: SplitLine, receiver: FrameReceiver): void {
    if (line.kind === 'too-long') return receiver.oversizedFrame()
    // Every JSON-RPC message is an object; what else stands on a line is a banner.
    if (firstVisibleByte(line.bytes) === OPEN_BRACE) return receiver.frame(line.bytes)
    this.skippedLines++
  }

  // A server that no longer reads can answer nothing more, though it may live on.
  #inputClosed(): void {
    setTimeout(() => this.#end.resolve({ kind: 'input-closed' }), EXIT_NEWS_MS).unref()
  }

  #exited(end: ConnectionEnd): void {
    // The number of the group cannot be another's yet: this is the moment its leader was waited for.
    killGroup(this.#child.pid, 'SIGKILL')
    const { stdin, stdout, stderr } = this.#child
    const cut = setTimeout(() => [stdin, stdout, stderr].forEach((pipe) => pipe.destroy()), PIPE_GRACE_MS).unref()
    this.#child.once('close', () => {
      clearTimeout(cut)
      this.#end.resolve(end)
      this.#gone.resolve()
    })
  }

  async #stop(): Promise<void> {
    this.#end.resolve({ kind: 'stopped' })
    // Nobody listens any more, and a full pipe would keep the server from ending.
    this.#child.stdout.resume()
    this.#child.stdin.end()
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
    if (exitCode === null && signalCode === null) killGroup(pid, signal)
  }
}

function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (leader !== undefined) process.kill(-leader, signal)
  } catch {
    // Nobody is left in the group.
  }
}

function firstVisibleByte(line: Buffer): number | undefined {
  return line.find((byte) => byte !== SPACE && byte !== TAB)
}
