import type { ServerStatus } from '../../shared/contracts/server-status.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { nearestNames } from '../../shared/nearest-name.ts'
import type { OptionDeclarations, PositionalDeclaration } from '../command.ts'
import { completeServers } from '../completion/complete-servers.ts'
import { serversOf } from '../worker/server-routes.ts'
import type { WorkerAccess } from '../worker/worker-access.ts'

/** The servers that a command is about, as they are typed. */
export interface ServerSelection {
  readonly positionals: readonly string[]
  readonly options: { readonly only: readonly string[]; readonly except: readonly string[] }
}

/** How servers are typed. */
export const SERVER_POSITIONALS: readonly PositionalDeclaration[] = [
  { name: 'server', many: true, complete: completeServers },
]
export const SERVER_OPTIONS = {
  only: { type: 'list', value: 'server', summary: 'these servers', complete: completeServers },
  except: { type: 'list', value: 'server', summary: 'all servers but these', complete: completeServers },
} as const satisfies OptionDeclarations

/** Whether servers are named at all, be it by leaving out others. */
export function namesServers({ positionals, options }: ServerSelection): boolean {
  return [...positionals, ...options.only, ...options.except].length > 0
}

/** What the worker says of the servers that are meant, in their order; of all where none are named. Throws `unknown_server`. */
export async function askForServers(worker: WorkerAccess, selection: ServerSelection): Promise<ServerStatus[]> {
  return selectServers(await serversOf(worker), selection)
}

/** Those of these servers that are meant, in their order; all where none are named. Throws `unknown_server`. */
export function selectServers<S extends { readonly name: string }>(
  servers: readonly S[],
  { positionals, options }: ServerSelection,
): S[] {
  const names = servers.map(({ name }) => name)
  const wanted = [...positionals, ...options.only]
  for (const name of [...wanted, ...options.except]) if (!names.includes(name)) throw unknownServer(name, names)
  return servers.filter(({ name }) => (wanted.length === 0 || wanted.includes(name)) && !options.except.includes(name))
}

function unknownServer(name: string, names: readonly string[]): ServiceError {
  const nearest = nearestNames(name, names)
  const hint = nearest.length > 0 ? `Did you mean ${nearest.join(', ')}?` : `There are: ${names.join(', ')}.`
  const remedy = names.length === 0 ? 'None is configured.' : hint
  return new ServiceError('unknown_server', `There is no server ${JSON.stringify(name)}. ${remedy}`)
}
