import { createHash } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivateFile } from '../../../shared/files/atomic-file.ts'
import { forgetOldest } from '../../../shared/files/forget-oldest.ts'
import { ensurePrivateFolder } from '../../../shared/files/private-folder.ts'
import { isJsonObject } from '../../../shared/json-object.ts'
import type { StdioServerDefinition } from '../server-definition.ts'
import { findNpxProgram } from './find-npx-program.ts'
import { findUvxProgram } from './find-uvx-program.ts'
import { type RunnerEntry, readRunnerEntry } from './package-runner.ts'
import type { Program } from './start-child.ts'

// What is not an exact version may stand for a newer one; the runner is asked again once a day.
const MAX_AGE_MS = 24 * 60 * 60 * 1_000
// Several configurations share a folder, so nobody can tell of which entries there are servers still.
const MAX_PROGRAMS = 256

/** What was decided about an entry that uses a package runner, for the log and for whoever asks why. */
export type ProgramNews =
  | { kind: 'resolved'; server: string; runner: string; file: string }
  | { kind: 'fell-back'; server: string; runner: string; reason: string }

/** Where programs are remembered, and who is told. */
export interface ResolvedProgramsOptions {
  /** Made private (0700): what lies in it is run. */
  folder: string
  /** How many are remembered; those learned longest ago are forgotten first. */
  max?: number
  /** Milliseconds since the epoch. */
  now: () => number
  report: (news: ProgramNews) => void
}

interface Remembered {
  file: string
  program: Program
  resolvedAt: number
}

/** An entry as it is started: its definition, and the environment that its runner sees. */
export interface ProgramEntry {
  definition: StdioServerDefinition
  environment: Readonly<Record<string, string>>
}

/**
 * The programs behind entries that use `npx` or `uvx`, remembered from one start to the next, so that only the first pays for the runner.
 * A program that is gone or that fails is forgotten, and the entry runs as it is written; one that failed is not tried again by this process.
 */
export class ResolvedPrograms {
  readonly #options: ResolvedProgramsOptions
  readonly #unsuited = new Set<string>()

  constructor(options: ResolvedProgramsOptions) {
    this.#options = options
  }

  /** The program to start in place of the entry; undefined where none is known, or it is gone, or too old. */
  async find(entry: ProgramEntry): Promise<Program | undefined> {
    const runner = readRunnerEntry(entry.definition)
    if (runner === undefined) return undefined
    const key = keyOf(entry)
    const remembered = this.#unsuited.has(key) ? undefined : await this.#recall(key)
    if (remembered === undefined) return undefined
    const reason = await this.#whyNot(remembered, runner)
    if (reason === undefined) return remembered.program
    await this.#forget(entry, runner, reason)
    return undefined
  }

  /** To be told that the entry works as it is written: by now the runner has put its program where it can be found. */
  async learn(entry: ProgramEntry): Promise<void> {
    const runner = readRunnerEntry(entry.definition)
    const key = keyOf(entry)
    if (runner === undefined || this.#unsuited.has(key)) return
    const place = { cwd: entry.definition.cwd, environment: entry.environment }
    const find = runner.runner === 'npx' ? findNpxProgram : findUvxProgram
    try {
      const program = await find(runner, place)
      if (program === undefined) return
      const file = program.command === 'node' ? (program.args[0] ?? '') : program.command
      const remembered: Remembered = { file, program, resolvedAt: this.#options.now() }
      ensurePrivateFolder(this.#options.folder)
      await writePrivateFile(this.#path(key), JSON.stringify(remembered))
      await forgetOldest(this.#options.folder, this.#options.max ?? MAX_PROGRAMS)
      this.#options.report({ kind: 'resolved', server: entry.definition.name, runner: runner.runner, file })
    } catch {
      // Not remembered, the next start is as slow as this one.
    }
  }

  /** To be told that the program did not do: it is not tried again. */
  async failed(entry: ProgramEntry, reason: string): Promise<void> {
    const runner = readRunnerEntry(entry.definition)
    if (runner === undefined) return
    this.#unsuited.add(keyOf(entry))
    await this.#forget(entry, runner, reason)
  }

  async #forget(entry: ProgramEntry, { runner }: RunnerEntry, reason: string): Promise<void> {
    this.#options.report({ kind: 'fell-back', server: entry.definition.name, runner, reason })
    await rm(this.#path(keyOf(entry)), { force: true }).catch(() => {})
  }

  async #whyNot({ file, resolvedAt }: Remembered, { exactVersion }: RunnerEntry): Promise<string | undefined> {
    const isThere = await stat(file).then(
      (found) => found.isFile(),
      () => false,
    )
    if (!isThere) return `${file} is gone`
    const isOld = this.#options.now() - resolvedAt > MAX_AGE_MS
    return isOld && exactVersion === undefined ? 'there may be a newer version' : undefined
  }

  async #recall(key: string): Promise<Remembered | undefined> {
    try {
      return toRemembered(JSON.parse(await readFile(this.#path(key), 'utf8')))
    } catch {
      return undefined
    }
  }

  #path(key: string): string {
    return join(this.#options.folder, `${key}.json`)
  }
}

function toRemembered(value: unknown): Remembered | undefined {
  if (!isJsonObject(value) || !isJsonObject(value.program)) return undefined
  const { file, resolvedAt } = value
  const { command, args, variables } = value.program
  if (typeof file !== 'string' || typeof resolvedAt !== 'number' || typeof command !== 'string') return undefined
  if (!Array.isArray(args)) return undefined
  const program: Program = { command, args: args.map(String) }
  if (isJsonObject(variables)) program.variables = { PATH: String(variables.PATH) }
  return { file, resolvedAt, program }
}

// What the runner's choice depends on. Values of other variables are none of its business, and may be secret.
const DECISIVE = [
  'HOME',
  'PATH',
  'npm_config_cache',
  'NPM_CONFIG_CACHE',
  'UV_CACHE_DIR',
  'UV_TOOL_DIR',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
]

function keyOf({ definition: { command, args, cwd }, environment }: ProgramEntry): string {
  const variables = DECISIVE.map((name) => environment[name] ?? null)
  return createHash('sha256')
    .update(JSON.stringify([command, args, cwd ?? null, variables]))
    .digest('hex')
    .slice(0, 32)
}
