import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { LineSplitter } from '../../shared/line-splitter.ts'

export interface RpcAnswer {
  jsonrpc: string
  id?: unknown
  method?: string
  result?: {
    structuredContent?: { status: string; code?: string; details: Record<string, unknown> }
    tools?: { name: string; description?: string }[]
    _meta?: Record<string, unknown>
  }
  error?: { code: number; message: string }
}

/** What a {@link FrontClient} says of itself in initialize. */
export const INTRODUCTION = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1' },
}

/** An MCP client without a library: what it sends are bytes, and what it got are lines. */
export class FrontClient implements AsyncDisposable {
  readonly child: ChildProcess
  /** Every line of stdout, as it came. */
  readonly lines: string[] = []
  stderr = ''
  readonly #closed: Promise<number | null>
  #nextId = 1
  readonly #waiting = new Map<unknown, (answer: RpcAnswer) => void>()

  constructor(program: string, env: Readonly<Record<string, string>>, nodeArgs: string[] = [], args: string[] = []) {
    this.child = spawn(process.execPath, [...nodeArgs, program, ...args], { env: { ...env }, stdio: 'pipe' })
    this.#closed = new Promise((resolve) => this.child.once('close', resolve))
    const splitter = new LineSplitter({ maxLineBytes: 64 * 1024 * 1024 })
    this.child.stdout?.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) if (line.kind === 'line') this.#onLine(line.bytes.toString())
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.child.stdin?.on('error', () => {})
  }

  write(bytes: string | Buffer): void {
    this.child.stdin?.write(bytes)
  }

  /** Sends a request and resolves with its answer. */
  ask(method: string, params?: unknown, id: unknown = this.#nextId++): Promise<RpcAnswer> {
    const answered = this.answerTo(id)
    this.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    return answered
  }

  /** The next answer with this id. */
  answerTo(id: unknown): Promise<RpcAnswer> {
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  initialize(): Promise<RpcAnswer> {
    return this.ask('initialize', INTRODUCTION)
  }

  findTools(args: Record<string, unknown>): Promise<RpcAnswer> {
    return this.ask('tools/call', { name: 'find_tools', arguments: args })
  }

  /** Ends the input, as a client that leaves; resolves with the exit code. */
  leave(): Promise<number | null> {
    this.child.stdin?.end()
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
  }

  #onLine(line: string): void {
    this.lines.push(line)
    const answer = JSON.parse(line) as RpcAnswer
    if (answer.method !== undefined) return
    this.#waiting.get(answer.id)?.(answer)
    this.#waiting.delete(answer.id)
  }
}
