import { showServerName } from '../../shared/contracts/server-name.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerConfiguration } from './server-configuration.ts'

/**
 * A configuration that was read anew, with those servers as they are in use whose entries have a mistake now; and what is wrong with
 * these, where there are any.
 */
export function keepUsable(
  loaded: ServerConfiguration,
  { servers: inUse }: ServerConfiguration,
): { configuration: ServerConfiguration; problem: ServiceError | undefined } {
  const mistaken = loaded.unusable.filter(({ name }) => inUse.some((server) => server.name === name))
  if (mistaken.length === 0) return { configuration: loaded, problem: undefined }
  const names = new Set(mistaken.map(({ name }) => name))
  const places = new Map(inUse.map(({ name }, place) => [name, place]))
  const placeOf = ({ name }: { name: string }) => places.get(name) ?? inUse.length
  const servers = [...loaded.servers, ...inUse.filter(({ name }) => names.has(name))].toSorted(
    (one, other) => placeOf(one) - placeOf(other),
  )
  const reasons = mistaken.map(({ name, reason }) => `${showServerName(name)} stays as it was: ${reason}.`)
  const problem = new ServiceError('invalid_configuration', reasons.join(' '))
  return {
    configuration: { ...loaded, servers, unusable: loaded.unusable.filter(({ name }) => !names.has(name)) },
    problem,
  }
}
