import { spawn as nodeSpawn } from 'node:child_process'
import { ChildRecords, type ContainerRecord, createMarker } from './child-records.ts'
import { killContainer, toContainerRun } from './docker-run.ts'
import { findProgram } from './find-program.ts'
import { inheritedEnvironment } from './inherited-environment.ts'
import {
  type CommandLine,
  chooseIsolation,
  type ExitNews,
  type Isolation,
  type IsolationMode,
  type IsolationOptions,
} from './isolation.ts'
import { identify, MARKER_VARIABLE } from './process-table.ts'
import { type Reaped, reapLeftovers } from './reap-leftovers.ts'
import { createProcessStarter, type RunningProcess, type StartProcess, startWith } from './start-process.ts'

/** How this process keeps its children from outliving it. */
export interface SupervisionOptions extends Partial<Omit<IsolationOptions, 'marker'>> {
  variables: Readonly<Record<string, string | undefined>>
  /** How servers are started: by `spawn` where that is given, else as quietly as the platform allows. */
  startProcess?: StartProcess
  /** Where children are recorded for the next worker to find; none are without. */
  recordsFolder?: string
}

/** What is to be started, and with what. */
export interface ChildStart extends CommandLine {
  environment: Readonly<Record<string, string>>
  cwd: string | undefined
}

/** A child, looked after until `release`. */
export interface SupervisedChild {
  process: RunningProcess
  /** How the program ended, by how what was started did. */
  exitOf(news: ExitNews): ExitNews
  /** To be called once it has exited. */
  release(): void
  /** Ends the container that it ran, if it was to run one. Never rejects. */
  endContainer(): Promise<void>
}

const NEVER = new AbortController().signal

/** Starts the children of this process, each marked, recorded and isolated. One is enough for all servers. */
export class ChildSupervision implements AsyncDisposable {
  readonly #spawn: typeof nodeSpawn
  readonly #startProcess: StartProcess
  readonly #marker: string
  readonly #records: ChildRecords | undefined
  readonly #isolation: Promise<Isolation>

  private constructor(options: SupervisionOptions, records: ChildRecords | undefined) {
    const { spawn } = options
    this.#spawn = spawn ?? nodeSpawn
    this.#startProcess = options.startProcess ?? (spawn === undefined ? createProcessStarter() : startWith(spawn))
    this.#records = records
    this.#marker = records?.marker ?? createMarker()
    this.#isolation = chooseIsolation({ ...options, spawn: this.#spawn, marker: this.#marker })
  }

  /** Finds out how children can be isolated, and where they are recorded. */
  static async start(options: SupervisionOptions): Promise<ChildSupervision> {
    const { recordsFolder } = options
    const records = recordsFolder === undefined ? undefined : await ChildRecords.open(recordsFolder)
    return new ChildSupervision(options, records)
  }

  /** Isolates children as well as can be and records none; ends with its process. */
  static unrecorded(options: Omit<SupervisionOptions, 'recordsFolder'>): ChildSupervision {
    return new ChildSupervision(options, undefined)
  }

  /** Children in groups of their own, and nothing more. */
  static unisolated(spawn: typeof nodeSpawn | undefined): ChildSupervision {
    return new ChildSupervision({ variables: {}, ...(spawn !== undefined && { spawn }), allowed: [] }, undefined)
  }

  /** How children are isolated here. */
  async mode(): Promise<IsolationMode> {
    return (await this.#isolation).mode
  }

  /** Starts a child as the leader of a process group of its own. Rejects with the error of the platform (`ENOENT`, `EACCES`, `EMFILE` …). */
  async start(start: ChildStart): Promise<SupervisedChild> {
    const isolation = await this.#isolation
    const run = toContainerRun(start, () => this.#records?.newCidFile())
    const program = run?.program ?? start
    const enclosed = isolation.enclose(program)
    // What encloses it could only complain to the server's error output; and the platform calls a missing command forbidden where a
    // folder of PATH is.
    const file = await findProgram(program.command, { cwd: start.cwd, path: start.environment.PATH })
    const child = await this.#startProcess({
      file: enclosed === program ? file : enclosed.command,
      command: enclosed.command,
      args: enclosed.args,
      cwd: start.cwd,
      environment: { ...start.environment, [MARKER_VARIABLE]: this.#marker },
    })
    const release = this.#watch(child.pid, isolation)
    const endContainer = run === undefined ? async () => {} : this.#containerEnd(run.container, start)
    return { process: child, exitOf: (news) => isolation.exitOf(news), release, endContainer }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isolation = await this.#isolation
    isolation[Symbol.dispose]()
    await this.#records?.[Symbol.asyncDispose]()
  }

  #watch(pid: number | undefined, isolation: Isolation): () => void {
    if (pid === undefined) return () => {}
    const child = identify(pid) ?? { pid, startedAt: '' }
    isolation.watch(child)
    this.#records?.add(child)
    return () => {
      isolation.forget(pid)
      this.#records?.remove(pid)
    }
  }

  #containerEnd(container: ContainerRecord, { environment, cwd }: ChildStart): () => Promise<void> {
    const record = this.#records?.addContainer(container)
    return async () => {
      await killContainer(container, { environment, cwd, spawn: this.#spawn }, NEVER)
      record?.[Symbol.dispose]()
    }
  }
}

/** What reaping is done with. */
export interface LeftoverOptions extends Pick<SupervisionOptions, 'variables' | 'spawn'> {
  recordsFolder: string
}

/** Ends what workers that were killed left: processes by their marker, containers by their recorded ids. */
export function endLeftovers(options: LeftoverOptions, signal: AbortSignal): Promise<Reaped> {
  const { recordsFolder, variables, spawn = nodeSpawn } = options
  const environment = inheritedEnvironment(variables)
  const kill = (container: ContainerRecord) => killContainer(container, { environment, spawn }, signal)
  return reapLeftovers({ recordsFolder, killContainer: kill }, signal)
}
