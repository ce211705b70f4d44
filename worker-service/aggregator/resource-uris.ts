import { SERVER_NAME } from '../../shared/contracts/server-name.ts'

/** A resource by the server that has it and its URI there. */
export interface ServerResource {
  readonly server: string
  readonly uri: string
}

const PREFIX = 'pilotlight://'

/**
 * The URI, or URI template, under which clients see a server's: `pilotlight://server/`, then its own as it is. It is legal, as a path
 * may hold all that a URI may, and it can be read back exactly; what a client makes of a template is what it would make of the server's.
 */
export function toClientUri({ server, uri }: ServerResource): string {
  return `${PREFIX}${server}/${uri}`
}

/** The server and its URI, or template, of one that clients see; undefined for any other. */
export function fromClientUri(clientUri: string): ServerResource | undefined {
  if (!clientUri.startsWith(PREFIX)) return undefined
  const slash = clientUri.indexOf('/', PREFIX.length)
  const server = clientUri.slice(PREFIX.length, Math.max(PREFIX.length, slash))
  const uri = clientUri.slice(slash + 1)
  return SERVER_NAME.test(server) && uri !== '' ? { server, uri } : undefined
}

/** Whether a URI may have been made of a template (RFC 6570): what is literal in it stands there in order, anything in the place of the rest. */
export function matchesTemplate(template: string, uri: string): boolean {
  const [first = '', ...rest] = template.split(/\{[^{}]*\}/)
  const last = rest.pop()
  if (last === undefined) return uri === first
  if (uri.length < first.length + last.length || !uri.startsWith(first) || !uri.endsWith(last)) return false
  const end = uri.length - last.length
  let at = first.length
  for (const literal of rest) {
    const found = uri.indexOf(literal, at)
    if (found === -1 || found + literal.length > end) return false
    at = found + literal.length
  }
  return true
}
