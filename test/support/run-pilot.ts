import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { PILOT } from './worker-process.ts'

/** How a command ended, and all that it said. */
export interface Ended {
  exitCode: number | NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** The whole environment of the command. */
  variables?: Readonly<Record<string, string>>
  stdin?: string
  cwd?: string
  /** Sends SIGINT when it aborts. */
  signal?: AbortSignal
}

/** Runs `pilot` as it ships, to its end, with exactly this environment. */
export async function runPilot(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { variables = { XDG_CACHE_HOME: '/nowhere' }, stdin = '', cwd, signal } = options
  const child = spawn(process.execPath, [PILOT, ...args], { env: { ...variables }, ...(cwd !== undefined && { cwd }) })
  // One that ends without reading breaks the pipe.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const interrupt = () => void child.kill('SIGINT')
  signal?.addEventListener('abort', interrupt)
  const exited = new Promise<Ended['exitCode']>((resolve) =>
    child.once('exit', (code, ended) => resolve(code ?? ended)),
  )
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  signal?.removeEventListener('abort', interrupt)
  return { exitCode, stdout, stderr }
}
