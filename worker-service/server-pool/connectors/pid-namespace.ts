import type { spawn as Spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { findProgram } from './find-program.ts'
import type { CommandLine, ExitNews } from './isolation.ts'

// The parent may have died before its death could be listened for; nobody would end the child then.
const UNLESS_ORPHANED = 'test "$PPID" = "$0" || exit 1; exec "$@"'

// The first process of a namespace ignores SIGTERM unless it handles it, and inherits every orphan: a server is fit for neither.
// This one reaps, passes the exit code on, and holds none of the server's pipes. A shell makes background jobs ignore SIGINT, which
// the server's own children would inherit; `env`, which stands in $0, undoes that, and takes a command with a "=" for a variable.
const FIRST_PROCESS = `
case $1 in *=*) set -- /bin/sh -c 'exec "$0" "$@"' "$@";; esac
exec 3<&0 4>&1 5>&2 </dev/null >/dev/null 2>&1
"$0" --default-signal=INT,QUIT "$@" <&3 >&4 2>&5 3<&- 4>&- 5>&- &
exec 3<&- 4>&- 5>&-
wait $!`

const SHELL_SIGNALED = 128
const PROBE_LIMIT_MS = 3_000

/** How a process namespace is made: where the programs for it are, and by whom. */
export interface PidNamespaceOptions {
  programs: Readonly<Record<'setpriv' | 'unshare' | 'sh' | 'env', string>>
  parentPid: number
  /** Whether inside a user namespace of its own, which (almost) anybody may make, or directly, for which one must be root. */
  inUserNamespace: boolean
}

/** The programs that a namespace is made with. Rejects where one is missing. */
export async function findNamespacePrograms(path: string | undefined): Promise<PidNamespaceOptions['programs']> {
  // In full: a server's own PATH may know none of them.
  const find = (name: string) => findProgram(name, { cwd: undefined, path })
  const [setpriv, unshare, sh, env] = await Promise.all([find('setpriv'), find('unshare'), find('sh'), find('env')])
  return { setpriv, unshare, sh, env }
}

/** The command line that runs another in a process namespace, which the kernel empties when the parent, or the command, is gone. */
export function encloseInPidNamespace(
  { command, args }: CommandLine,
  { programs: { setpriv, unshare, sh, env }, parentPid, inUserNamespace }: PidNamespaceOptions,
): CommandLine {
  const user = inUserNamespace ? ['--user', '--map-current-user'] : []
  // Its own /proc, in which the numbers mean the same as in its system calls. What is mounted later is seen there too.
  const namespace = [
    unshare,
    ...user,
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'slave',
    '--',
  ]
  const orphanCheck = [sh, '-c', UNLESS_ORPHANED, String(parentPid)]
  const first = [sh, '-c', FIRST_PROCESS, env, command, ...args]
  return { command: setpriv, args: ['--pdeathsig', 'KILL', ...orphanCheck, ...namespace, ...first] }
}

/** What became of the command, from what became of its namespace: a shell tells a signal as 128 and its number. */
export function exitFromPidNamespace({ code, signal }: ExitNews): ExitNews {
  const number = (code ?? 0) - SHELL_SIGNALED
  const [name] = Object.entries(constants.signals).find(([, value]) => value === number) ?? []
  return name === undefined ? { code, signal } : { code: null, signal: name as NodeJS.Signals }
}

/** Whether this machine lets us make one, found out by trying: a shell that ends itself by SIGTERM must be seen to have done so. */
export async function canMakePidNamespace(spawn: typeof Spawn, options: PidNamespaceOptions): Promise<boolean> {
  const { command, args } = encloseInPidNamespace(
    { command: options.programs.sh, args: ['-c', 'kill -TERM $$'] },
    options,
  )
  try {
    const limits = { timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' } as const
    const child = spawn(command, args, { stdio: 'ignore', detached: true, ...limits })
    const [code] = await once(child, 'exit')
    return code === SHELL_SIGNALED + constants.signals.SIGTERM
  } catch {
    return false
  }
}
