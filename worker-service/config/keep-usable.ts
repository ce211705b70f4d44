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
  const reasons = new Map(loaded.unusable.map(({ name, reason }) => [name, reason]))
  const kept = inUse.filter(({ name }) => reasons.has(name))
  if (kept.length === 0) return { configuration: loaded, problem: undefined }
  const places = new Map(inUse.map(({ name }, place) => [name, place]))
  const placeOf = ({ name }: { name: string }) => places.get(name) ?? inUse.length
  const servers = [...loaded.servers, ...kept].toSorted((one, other) => placeOf(one) - placeOf(other))
  const unusable = loaded.unusable.filter(({ name }) => !places.has(name))
  const told = kept.map(({ name }) => `${showServerName(name)} stays as it was: ${reasons.get(name)}.`)
  const problem = new ServiceError('invalid_configuration', told.join('\n'))
  return { configuration: { ...loaded, servers, unusable }, problem }
}
