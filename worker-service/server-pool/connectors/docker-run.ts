import type { spawn as Spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, unlink } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { ContainerRecord } from './child-records.ts'
import type { CommandLine } from './isolation.ts'

const ENGINES = ['docker', 'podman']
// Options before `run` whose value is the next argument.
const GLOBAL_OPTIONS_WITH_VALUE =
  /^(--config|-c|--context|-H|--host|-l|--log-level|--tls(cacert|cert|key)|--connection|--url|--root|--runroot)$/
const CONTAINER_ID = /^[0-9a-f]{12,64}$/
const KILL_LIMIT_MS = 5_000
const CID_FILE = '--cidfile'

/** A command that runs a container in the foreground, with the file that its id is written to. */
export interface ContainerRun {
  program: CommandLine
  container: ContainerRecord
}

/** Reads `docker run …` and gives it a file for the container's id unless it has one. Undefined for any other command, or without a file. */
export function toContainerRun(
  { command, args }: CommandLine,
  newCidFile: () => string | undefined,
): ContainerRun | undefined {
  if (!ENGINES.includes(basename(command))) return undefined
  const run = indexOfRun(args)
  if (run === undefined) return undefined
  const engine = { command, args: globalOptions(args, run) }
  const given = givenCidFile(args.slice(run + 1))
  if (given !== undefined) return { program: { command, args }, container: { engine, cidFile: given } }
  const cidFile = newCidFile()
  if (cidFile === undefined) return undefined
  return { program: { command, args: args.toSpliced(run + 1, 0, CID_FILE, cidFile) }, container: { engine, cidFile } }
}

/** What ending a container takes. */
export interface KillOptions {
  environment: Readonly<Record<string, string | undefined>>
  cwd?: string | undefined
  spawn: typeof Spawn
}

/** Kills the container whose id is in the file, and removes the file. True where there was one and the engine says that it ended it. */
export async function killContainer(
  { cidFile, engine }: ContainerRecord,
  options: KillOptions,
  signal: AbortSignal,
): Promise<boolean> {
  // One that the entry names itself is relative to where the engine ran.
  const path = resolve(options.cwd ?? '.', cidFile)
  const id = (await readFile(path, 'utf8').catch(() => '')).trim()
  if (id === '') return false
  const isKilled =
    CONTAINER_ID.test(id) &&
    (await succeeds({ command: engine.command, args: [...engine.args, 'kill', id] }, options, signal))
  await unlink(path).catch(() => {})
  return isKilled
}

async function succeeds(
  { command, args }: CommandLine,
  { environment, cwd, spawn }: KillOptions,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const child = spawn(command, args, {
      cwd,
      env: environment,
      stdio: 'ignore',
      timeout: KILL_LIMIT_MS,
      killSignal: 'SIGKILL',
      signal,
    })
    const [code] = await once(child, 'exit')
    return code === 0
  } catch {
    return false
  }
}

function indexOfRun(args: readonly string[]): number | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === 'run') return i
    if (arg === 'container' && args[i + 1] === 'run') return i + 1
    if (GLOBAL_OPTIONS_WITH_VALUE.test(arg)) i++
    else if (!arg.startsWith('-')) return undefined
  }
  return undefined
}

function globalOptions(args: readonly string[], run: number): string[] {
  return args.slice(0, args[run - 1] === 'container' ? run - 1 : run)
}

function givenCidFile(options: readonly string[]): string | undefined {
  const index = options.findIndex((option) => option === CID_FILE || option.startsWith(`${CID_FILE}=`))
  if (index === -1) return undefined
  return options[index] === CID_FILE ? options[index + 1] : options[index]?.slice(CID_FILE.length + 1)
}
