import { Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'
import { readInSlabs } from '../../../shared/slab-reading.ts'
import { type Exit, PosixProcess } from './posix-process.ts'
import type { ProcessStart } from './start-process.ts'

/** The functions of the C library that are called here. Those that return a number return 0 when all went well. */
interface LibC {
  socketpair(domain: number, type: number, protocol: number, ends: number[]): number
  close(descriptor: number): number
  waitpid(pid: number, status: number[], options: number): number
  sigfillset(signals: Buffer): number
  posix_spawnattr_init(attributes: Buffer): number
  posix_spawnattr_setflags(attributes: Buffer, flags: number): number
  posix_spawnattr_setsigdefault(attributes: Buffer, signals: Buffer): number
  posix_spawnattr_destroy(attributes: Buffer): number
  posix_spawn_file_actions_init(actions: Buffer): number
  posix_spawn_file_actions_adddup2(actions: Buffer, from: number, to: number): number
  posix_spawn_file_actions_addchdir_np(actions: Buffer, path: string): number
  posix_spawn_file_actions_destroy(actions: Buffer): number
  posix_spawn(...call: SpawnCall): Promise<number>
}

type Texts = ReadonlyArray<string | null>
type SpawnCall = [pid: number[], path: string, actions: Buffer, attributes: Buffer, args: Texts, environment: Texts]

/** A pair of connected sockets: ours and the child's. */
interface Pipe {
  readonly ours: number
  readonly theirs: number
}

const SIGNATURES: Record<Exclude<keyof LibC, 'posix_spawn'>, string> = {
  socketpair: 'int socketpair(int domain, int type, int protocol, _Out_ int *ends)',
  close: 'int close(int descriptor)',
  waitpid: 'int waitpid(int pid, _Out_ int *status, int options)',
  sigfillset: 'int sigfillset(void *signals)',
  posix_spawnattr_init: 'int posix_spawnattr_init(void *attributes)',
  posix_spawnattr_setflags: 'int posix_spawnattr_setflags(void *attributes, short flags)',
  posix_spawnattr_setsigdefault: 'int posix_spawnattr_setsigdefault(void *attributes, const void *signals)',
  posix_spawnattr_destroy: 'int posix_spawnattr_destroy(void *attributes)',
  posix_spawn_file_actions_init: 'int posix_spawn_file_actions_init(void *actions)',
  posix_spawn_file_actions_adddup2: 'int posix_spawn_file_actions_adddup2(void *actions, int from, int to)',
  posix_spawn_file_actions_addchdir_np: 'int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)',
  posix_spawn_file_actions_destroy: 'int posix_spawn_file_actions_destroy(void *actions)',
}
const POSIX_SPAWN =
  'int posix_spawn(_Out_ int *pid, const char *path, const void *actions, const void *attributes, const char **args, const char **environment)'

// As Linux has them, whatever its C library.
const AF_UNIX = 1
const SOCK_STREAM_CLOEXEC = 0o2000001
const WNOHANG = 1
// Signals neither ignored nor blocked, a session of its own.
const SETSIGDEF_SETSIGMASK_SETSID = 0x04 | 0x08 | 0x80
/** More than any of the C library's structures takes. */
const STRUCTURE_BYTES = 512
const STANDARD_STREAMS = [0, 1, 2]

/**
 * Starts processes with `posix_spawn`, on another thread. Node's own `spawn` forks: it copies the tables of all our memory and has every
 * page that is written next copied or marked again, which holds up all clients with each start of a server. Here the child borrows our
 * memory until its program begins, and only a thread of Node's pool waits for it.
 */
export class PosixSpawn {
  readonly #libc: LibC
  readonly #children = new Map<number, PosixProcess>()
  readonly #reap = () => this.#children.forEach((child, pid) => this.#look(pid, child))

  private constructor(libc: LibC) {
    this.#libc = libc
  }

  /** Undefined where this cannot be had: on another platform, without the library that calls C, and in threads, which hear of no signals. */
  static async load(): Promise<PosixSpawn | undefined> {
    if (process.platform !== 'linux' || !isMainThread) return undefined
    try {
      return new PosixSpawn(await loadLibC())
    } catch {
      return undefined
    }
  }

  /** Undefined where it cannot be started so; why not, Node's own `spawn` will say. */
  async start(start: ProcessStart): Promise<PosixProcess | undefined> {
    if (textsOf(start).some((text) => text.includes('\0'))) return undefined
    const pipes = this.#openPipes()
    if (pipes === undefined) return undefined
    const pid = await this.#spawn(start, pipes).catch(() => undefined)
    this.#close(pipes.map(({ theirs }) => theirs))
    if (pid !== undefined) return this.#adopt(pid, pipes)
    this.#close(pipes.map(({ ours }) => ours))
    return undefined
  }

  #close(descriptors: readonly number[]): void {
    for (const descriptor of descriptors) this.#libc.close(descriptor)
  }

  #openPipes(): Pipe[] | undefined {
    const pipes: Pipe[] = []
    for (const _ of STANDARD_STREAMS) {
      const ends = [-1, -1]
      const failed = this.#libc.socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, ends) !== 0
      const [ours = -1, theirs = -1] = ends
      if (!failed) pipes.push({ ours, theirs })
    }
    if (pipes.length === STANDARD_STREAMS.length) return pipes
    this.#close(pipes.flatMap(({ ours, theirs }) => [ours, theirs]))
    return undefined
  }

  async #spawn(
    { file, command, args, cwd, environment }: ProcessStart,
    pipes: readonly Pipe[],
  ): Promise<number | undefined> {
    const libc = this.#libc
    const [actions, attributes, signals] = [structure(), structure(), structure()]
    libc.sigfillset(signals)
    libc.posix_spawnattr_init(attributes)
    libc.posix_spawnattr_setsigdefault(attributes, signals)
    libc.posix_spawnattr_setflags(attributes, SETSIGDEF_SETSIGMASK_SETSID)
    libc.posix_spawn_file_actions_init(actions)
    pipes.forEach(({ theirs }, stream) => libc.posix_spawn_file_actions_adddup2(actions, theirs, stream))
    if (cwd !== undefined) libc.posix_spawn_file_actions_addchdir_np(actions, cwd)
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
    const texts: [Texts, Texts] = [
      [command, ...args, null],
      [...variables, null],
    ]
    const pid = [0]
    try {
      const failed = await libc.posix_spawn(pid, file, actions, attributes, ...texts)
      return failed === 0 ? pid[0] : undefined
    } finally {
      libc.posix_spawn_file_actions_destroy(actions)
      libc.posix_spawnattr_destroy(attributes)
    }
  }

  #adopt(pid: number, pipes: readonly Pipe[]): PosixProcess {
    const [input, output, errors] = pipes.map(({ ours }) => ours)
    const child = new PosixProcess(pid, {
      stdin: new Socket({ fd: input, readable: false, writable: true }),
      stdout: readInSlabs((onread) => new Socket({ fd: output, readable: true, writable: false, onread })),
      stderr: new Socket({ fd: errors, readable: true, writable: false }),
    })
    if (this.#children.size === 0) process.on('SIGCHLD', this.#reap)
    this.#children.set(pid, child)
    // It may have ended before we were listening; whoever waits for it is not listening yet.
    setImmediate(() => this.#look(pid, child))
    return child
  }

  #look(pid: number, child: PosixProcess): void {
    if (this.#children.get(pid) !== child) return
    const status = [0]
    if (this.#libc.waitpid(pid, status, WNOHANG) === 0) return
    this.#children.delete(pid)
    if (this.#children.size === 0) process.off('SIGCHLD', this.#reap)
    child.exited(exitOf(status[0] ?? 0))
  }
}

async function loadLibC(): Promise<LibC> {
  const { load } = await import('koffi')
  const library = load(null)
  const spawn = library.func(POSIX_SPAWN)
  const functions = Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature)])
  return {
    ...(Object.fromEntries(functions) as Omit<LibC, 'posix_spawn'>),
    posix_spawn: (...call) =>
      new Promise((resolve, reject) => {
        spawn.async(...call, (error: unknown, failed: number) => (error == null ? resolve(failed) : reject(error)))
      }),
  }
}

function structure(): Buffer {
  return Buffer.alloc(STRUCTURE_BYTES)
}

function textsOf({ file, command, args, cwd = '', environment }: ProcessStart): string[] {
  return [file, command, cwd, ...args, ...Object.entries(environment).flat()]
}

/** What `waitpid` tells: the signal in the lowest seven bits, the code in the second byte. */
function exitOf(status: number): Exit {
  const signal = status & 0x7f
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal }
}
