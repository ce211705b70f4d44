import type { ChildProcess, spawn as Spawn } from 'node:child_process'
import { MARKER_VARIABLE, type ProcessIdentity } from './process-table.ts'

// Reads which groups there are until its input ends: then nobody else is left to end them. First go the groups whose leaders are still
// who they were, then, where /proc tells, whoever carries the marker, in whatever group, until nobody does. A child between fork and
// exec still holds the other end of the pipe, so that all of them carry it by then.
const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r verb group; do
  case $verb in
    watch) groups="$groups$group " ;;
    forget) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
  esac
done
started_at() {
  set -- "$2" \${1##*) }
  expected=$1
  shift 20
  test "$1" = "$expected"
}
for group in $groups; do
  leader=\${group%%:*}
  if test -r /proc/self/stat; then
    read -r stat <"/proc/$leader/stat" && started_at "$stat" "\${group#*:}" || continue
  fi
  kill -s KILL -- "-$leader"
done
test -r /proc/self/environ || exit 0
for round in 1 2 3 4 5 6 7 8 9 10; do
  marked=$(grep -alF -- "$0" /proc/[0-9]*/environ)
  test -n "$marked" || exit 0
  for file in $marked; do
    pid=\${file#/proc/}
    pid=\${pid%/environ}
    test "$pid" -gt 1 || continue
    kill -s KILL -- "-$pid"
    kill -s KILL "$pid"
  done
done`

const RESTART_DELAY_MS = 100

/** What a guardian is started with. */
export interface GuardianOptions {
  marker: string
  variables: Readonly<Record<string, string | undefined>>
  spawn: typeof Spawn
}

/**
 * A shell of about a megabyte that outlives this process, however it ends, and then kills what carries the marker. One is enough for all
 * children; it is started anew when something ends it. Where it cannot be started, nobody is guarded, and nothing else happens.
 */
export class Guardian implements Disposable {
  readonly #options: GuardianOptions
  readonly #watched = new Map<number, string>()
  #shell: ChildProcess | undefined
  #isDisposed = false

  constructor(options: GuardianOptions) {
    this.#options = options
    this.#start()
  }

  watch({ pid, startedAt }: ProcessIdentity): void {
    const group = `${pid}:${startedAt}`
    this.#watched.set(pid, group)
    this.#tell(`watch ${group}`)
  }

  forget(pid: number): void {
    const group = this.#watched.get(pid)
    this.#watched.delete(pid)
    if (group !== undefined) this.#tell(`forget ${group}`)
  }

  /** The number of the shell; undefined while there is none. */
  get pid(): number | undefined {
    return this.#shell?.pid
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#shell?.stdin?.end()
  }

  #start(): void {
    const { marker, variables, spawn } = this.#options
    // In a group of its own: what ends ours must not end it.
    const shell = spawn('sh', ['-c', SCRIPT, `${MARKER_VARIABLE}=${marker}`], {
      cwd: '/',
      detached: true,
      env: { PATH: variables.PATH },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    shell.on('error', () => {})
    shell.once('exit', () => this.#replace(shell))
    shell.stdin.on('error', () => {})
    // Nothing stays alive for it.
    if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref()
    shell.unref()
    this.#shell = shell
    for (const group of this.#watched.values()) this.#tell(`watch ${group}`)
  }

  #replace(shell: ChildProcess): void {
    if (this.#shell !== shell) return
    this.#shell = undefined
    if (!this.#isDisposed) setTimeout(() => this.#isDisposed || this.#start(), RESTART_DELAY_MS).unref()
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`)
  }
}

/** Whether a guardian can be had: there is a shell. */
export function canGuard({ spawn, variables }: Pick<GuardianOptions, 'spawn' | 'variables'>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const shell = spawn('sh', ['-c', ':'], { stdio: 'ignore', env: { PATH: variables.PATH } })
  shell.once('error', () => resolve(false))
  shell.once('exit', (code) => resolve(code === 0))
  return promise
}
