import type { spawn as Spawn } from 'node:child_process'
import { canGuard, Guardian } from './guardian.ts'
import {
  canMakePidNamespace,
  encloseInPidNamespace,
  exitFromPidNamespace,
  findNamespacePrograms,
  type PidNamespaceOptions,
} from './pid-namespace.ts'
import type { ProcessIdentity } from './process-table.ts'

/**
 * What keeps children from outliving a process that is killed, the strongest first: a process namespace for each child, which the kernel
 * empties, and the guardian; the guardian alone, a small process that outlives us and kills them; nothing, for which there is only the
 * next start (see `reap-leftovers`).
 */
export type IsolationMode = 'pid-namespace' | 'guardian' | 'process-group'

/** A program and its arguments. */
export interface CommandLine {
  command: string
  args: readonly string[]
}

/** How a process ended: by itself with a code, or by a signal. */
export interface ExitNews {
  code: number | null
  signal: NodeJS.Signals | null
}

/** The chosen way to isolate children, for the life of a process. */
export interface Isolation extends Disposable {
  readonly mode: IsolationMode
  /** The command line that runs another one isolated. */
  enclose(program: CommandLine): CommandLine
  /** How the enclosed program ended, by how what was started did. */
  exitOf(news: ExitNews): ExitNews
  /** Begins and ends to look after a child, the leader of its group. */
  watch(child: ProcessIdentity): void
  forget(pid: number): void
}

/** What isolation is chosen from. */
export interface IsolationOptions {
  marker: string
  variables: Readonly<Record<string, string | undefined>>
  spawn: typeof Spawn
  /** The modes that may be chosen; all of them by default, of which `process-group` always can. */
  allowed?: readonly IsolationMode[]
  /**
   * Whether who may not make a process namespace may make one inside a user namespace, which most machines allow. Not by default: ssh
   * with files in /etc/ssh/ssh_config.d, sudo and rootless podman fail there, and a server may need any of them.
   */
  userNamespaces?: boolean
}

/** The strongest isolation that this machine allows, found out by trying. */
export async function chooseIsolation(options: IsolationOptions): Promise<Isolation> {
  const { allowed = ['pid-namespace', 'guardian', 'process-group'] } = options
  if (allowed.includes('pid-namespace')) {
    const namespace = await choosePidNamespace(options)
    if (namespace !== undefined) return pidNamespaces(namespace, new Guardian(options))
  }
  if (allowed.includes('guardian') && (await canGuard(options))) return guarded(new Guardian(options))
  return processGroups()
}

async function choosePidNamespace(options: IsolationOptions): Promise<PidNamespaceOptions | undefined> {
  const programs = await findNamespacePrograms(options.variables.PATH).catch(() => undefined)
  if (programs === undefined) return undefined
  for (const inUserNamespace of options.userNamespaces === true ? [false, true] : [false]) {
    const namespace = { programs, parentPid: process.pid, inUserNamespace }
    if (await canMakePidNamespace(options.spawn, namespace)) return namespace
  }
  return undefined
}

// A namespace whose maker is killed within the moment before its death is listened for lives on: the guardian ends it.
function pidNamespaces(namespace: PidNamespaceOptions, guardian: Guardian): Isolation {
  return {
    ...guarded(guardian),
    mode: 'pid-namespace',
    enclose: (program) => encloseInPidNamespace(program, namespace),
    exitOf: exitFromPidNamespace,
  }
}

function guarded(guardian: Guardian): Isolation {
  return {
    ...processGroups(),
    mode: 'guardian',
    watch: (child) => guardian.watch(child),
    forget: (pid) => guardian.forget(pid),
    [Symbol.dispose]: () => guardian[Symbol.dispose](),
  }
}

function processGroups(): Isolation {
  return {
    mode: 'process-group',
    enclose: (program) => program,
    exitOf: (news) => news,
    watch: () => {},
    forget: () => {},
    [Symbol.dispose]: () => {},
  }
}
