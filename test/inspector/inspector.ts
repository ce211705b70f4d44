import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npmInstall } from '../support/npm-install.ts'

/** Where Inspector finds a server: a program that it starts, or a URL. */
export type Target =
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly url: URL; readonly headers: Readonly<Record<string, string>> }

/** What Inspector printed, or said instead. */
export type Answer = { readonly json: unknown } | { readonly refusal: string }

const PACKAGE = { name: '@modelcontextprotocol/inspector', version: '2.12.0' }

/** MCP Inspector's command line, fetched for as long as it is needed: it is larger than all that the project depends on. */
export class Inspector implements AsyncDisposable {
  readonly #folder: { readonly path: string } & AsyncDisposable

  private constructor(folder: { readonly path: string } & AsyncDisposable) {
    this.#folder = folder
  }

  /** Rejects with what npm said when it cannot be had. */
  static async fetch(signal: AbortSignal): Promise<Inspector> {
    await using stack = new AsyncDisposableStack()
    const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'inspector-')))
    await npmInstall(folder.path, PACKAGE, signal)
    stack.move()
    return new Inspector(folder)
  }

  /** Starts it to ask one thing: a method, and what belongs to it. */
  async ask(target: Target, question: readonly string[], signal: AbortSignal): Promise<Answer> {
    const program = join(this.#folder.path, 'node_modules', PACKAGE.name, 'clients/launcher/build/index.js')
    const args = [program, '--cli', ...toArguments(target), '--method', ...question]
    // It keeps a list of servers at home.
    const env = { PATH: process.env.PATH ?? '', HOME: this.#folder.path }
    const { exitCode, output, errors } = await run(process.execPath, args, { signal, env })
    return exitCode === 0
      ? { json: JSON.parse(output) as unknown }
      : { refusal: `${errors.trim()} (exit ${String(exitCode)})` }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#folder[Symbol.asyncDispose]())
  }
}

function toArguments(target: Target): string[] {
  if ('url' in target) {
    const headers = Object.entries(target.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`])
    return ['--server-url', target.url.href, '--transport', 'http', ...headers]
  }
  const variables = Object.entries(target.env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  return [...variables, target.command, ...target.args]
}

interface Ended {
  exitCode: unknown
  output: string
  errors: string
}

async function run(
  command: string,
  args: readonly string[],
  options: { signal: AbortSignal; env?: Record<string, string> },
): Promise<Ended> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors, [exitCode]] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    once(child, 'close') as Promise<unknown[]>,
  ])
  return { exitCode, output: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString() }
}
