import { ServiceError } from '../shared/errors/service-error.ts'
import { nearestNames } from '../shared/nearest-name.ts'
import { unknownTool } from './server-pool/tool-gate.ts'

/**
 * Throws `unknown_tool` where a server's tools are known and this is none of them, with the names that may have been meant: in the message
 * for people, in `details.did_you_mean` for programs.
 */
export function checkToolIsKnown(server: string, tool: string, known: readonly string[] | undefined): void {
  if (known === undefined || known.includes(tool)) return
  const nearest = nearestNames(tool, known)
  const guess = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`
  throw new ServiceError('unknown_tool', `${unknownTool(server, tool)}${guess}`, { details: { did_you_mean: nearest } })
}
