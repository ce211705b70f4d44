import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'

/** What is run: Node with these arguments, in exactly this environment. stderr is appended to a file, as a service's would be. */
export interface ProgramOptions {
  args: readonly string[]
  variables: Readonly<Record<string, string>>
  stderrPath: string
}

const TERM_GRACE_MS = 6_000
const LAST_WORDS_CHARACTERS = 2_000

/** A Node program in a process of its own, which never outlives the process that started it. */
export class Program implements AsyncDisposable {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  /** Resolves with the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  readonly #child: ChildProcess
  readonly #stderrPath: string

  constructor({ args, variables, stderrPath }: ProgramOptions) {
    const stderr = openSync(stderrPath, 'a')
    const child = spawn(process.execPath, args, { env: { ...variables }, stdio: ['pipe', 'pipe', stderr] })
    closeSync(stderr)
    if (child.pid === undefined || child.stdin === null || child.stdout === null) {
      throw new Error(`node ${args.join(' ')} could not be started`)
    }
    this.pid = child.pid
    this.stdin = child.stdin
    this.stdout = child.stdout
    this.#child = child
    this.#stderrPath = stderrPath
    // A program that is killed breaks its pipes; its exit is the news.
    this.stdin.on('error', () => {})
    const killNow = () => this.kill('SIGKILL')
    process.once('exit', killNow)
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        process.removeListener('exit', killNow)
        resolve(signal ?? code ?? 0)
      })
    })
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The end of everything written to the stderr file so far. */
  get lastWords(): string {
    return readFileSync(this.#stderrPath, 'utf8').slice(-LAST_WORDS_CHARACTERS)
  }

  kill(signal: NodeJS.Signals): void {
    // Not by its number: it may have ended just now, and the number be another's once it was waited for.
    if (this.running) this.#child.kill(signal)
  }

  /** Asks it to end, and ends it when it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stdin.end()
    this.kill('SIGTERM')
    // A stopped process takes no other signal.
    this.kill('SIGCONT')
    const impatience = setTimeout(() => this.kill('SIGKILL'), TERM_GRACE_MS)
    await this.exited
    clearTimeout(impatience)
  }
}
