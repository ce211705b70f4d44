import { stat } from 'node:fs/promises'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { systemCodeOf } from '../../../shared/errors/system-code.ts'
import type { StdioServerDefinition } from '../server-definition.ts'
import type { ChildSupervision, SupervisedChild } from './child-supervision.ts'
import type { CommandLine } from './isolation.ts'

/** A command line with the variables that it needs besides the server's own. */
export interface Program extends CommandLine {
  variables?: Readonly<Record<string, string>>
}

/** How a program is started: as what, with which variables besides its definition's own, and under whose eyes. */
export interface ChildOptions {
  program: Program
  inherited: Readonly<Record<string, string>>
  supervision: ChildSupervision
}

/** Starts the program of a definition as the leader of a process group of its own. Rejects with `server_unavailable`. */
export async function startChild(
  definition: StdioServerDefinition,
  { program, inherited, supervision }: ChildOptions,
): Promise<SupervisedChild> {
  const { command, args, variables } = program
  const { cwd, env } = definition
  try {
    return await supervision.start({ command, args, cwd, environment: { ...inherited, ...env, ...variables } })
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
  const code = systemCodeOf(cause)
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
