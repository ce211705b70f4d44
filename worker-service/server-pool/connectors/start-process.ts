import { spawn as nodeSpawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { PosixSpawn } from './posix-spawn.ts'

/** A program to run, as the leader of a session and group of its own, with pipes to its standard streams. */
export interface ProcessStart {
  /** The path of the program, and what it is told it was called by. */
  readonly file: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string | undefined
  /** All that it finds in its environment. */
  readonly environment: Readonly<Record<string, string>>
}

/** A process that was started: what is needed of Node's `ChildProcess`. `exit` comes first, `close` when its pipes are closed as well. */
export interface RunningProcess {
  readonly pid?: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly exitCode: number | null
  readonly signalCode: NodeJS.Signals | null
  once(event: 'exit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown
  once(event: 'close', listener: () => void): unknown
}

/** Starts a process. Rejects with the error of the platform (`ENOENT`, `EACCES`, `EMFILE` …). */
export type StartProcess = (start: ProcessStart) => Promise<RunningProcess>

/** Starts processes without disturbing what this one does, where the platform allows that, else as Node does. */
export function createProcessStarter(): StartProcess {
  const asNodeDoes = startWith(nodeSpawn)
  const quick = PosixSpawn.load()
  return async (start) => (await (await quick)?.start(start)) ?? asNodeDoes(start)
}

/** Starts processes with Node's own `spawn`, or what stands for it. */
export function startWith(spawn: typeof nodeSpawn): StartProcess {
  return async ({ file, command: argv0, args, cwd, environment: env }) => {
    const child = spawn(file, args, { argv0, cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    // Rejects with the error that comes instead.
    await once(child, 'spawn')
    return child
  }
}
