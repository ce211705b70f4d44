import type { ChildProcessWithoutNullStreams, spawn as Spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { StdioServerDefinition } from '../server-definition.ts'

/** How a program is started: the environment that is not its definition's own, and `node:child_process`'s spawn. */
export interface ChildOptions {
  inherited: Readonly<Record<string, string>>
  spawn: typeof Spawn
}

/** Starts the program of a definition as the leader of a process group of its own. Rejects with `server_unavailable`. */
export async function startChild(
  definition: StdioServerDefinition,
  { inherited, spawn }: ChildOptions,
): Promise<ChildProcessWithoutNullStreams> {
  const { command, args, cwd, env } = definition
  try {
    const child = spawn(command, args, {
      cwd,
      env: { ...inherited, ...env },
      // Its own group, so that whatever it starts can be ended with it.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // Rejects with the error that comes instead.
    await once(child, 'spawn')
    return child
  } catch (cause) {
    throw await cannotStart(definition, cause)
  }
}

const REMEDY_BY_CODE: Record<string, string> = {
  ENOENT: 'there is no such command. Install it, or give its full path.',
  EACCES: 'it is not a program that may be run. Check its path and permissions.',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n) or stop other servers.',
  ENFILE: 'too many files are open on this machine.',
  EAGAIN: 'too many processes are running. Raise the limit (ulimit -u) or stop other servers.',
  ENOMEM: 'there is not enough memory.',
  E2BIG: 'its args and env are too long together. Shorten them.',
  ERR_INVALID_ARG_VALUE: 'its command, args, env or cwd contain a zero byte. Remove it.',
}

async function cannotStart({ name, command, cwd }: StdioServerDefinition, cause: unknown): Promise<ServiceError> {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const isFolderMissing = code === 'ENOENT' && cwd !== undefined && !(await isFolder(cwd))
  const remedy = isFolderMissing
    ? `there is no folder ${JSON.stringify(cwd)}. Make it, or change its "cwd".`
    : (REMEDY_BY_CODE[code] ?? `${code || 'unknown reason'}.`)
  const message = `server "${name}": cannot run ${JSON.stringify(command)}: ${remedy}`
  return new ServiceError('server_unavailable', message, { cause })
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
