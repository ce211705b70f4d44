import { isJsonObject } from '../../../../shared/json-object.ts'
import { parseJson } from '../../../../shared/parse-json.ts'

/** A session as the server gave it: what stands in the headers of its requests. A server without sessions gives no id. */
export interface HttpSession {
  id: string | undefined
  protocolVersion: string | undefined
}

/** Before initialize. */
export const NO_SESSION: HttpSession = { id: undefined, protocolVersion: undefined }

/** The headers of a request within a session, names and values in turn. */
export function sessionHeaders({ id, protocolVersion }: HttpSession): string[] {
  const headers: string[] = []
  if (id !== undefined) headers.push('mcp-session-id', id)
  if (protocolVersion !== undefined) headers.push('mcp-protocol-version', protocolVersion)
  return headers
}

// Servers that keep nothing themselves have all of a session in its id.
const VISIBLE = /^[\x21-\x7e]{1,8192}$/

/** The session that an answer to initialize opens. `id` is its header `Mcp-Session-Id`; one that may not stand there counts as none. */
export function readSession(answer: Buffer, id: string | undefined): HttpSession {
  const { protocolVersion } = readIntroduction(answer)
  return {
    id: isVisible(id) ? id : undefined,
    protocolVersion: isVisible(protocolVersion) ? protocolVersion : undefined,
  }
}

/** Whether two answers to initialize say the same of the server. */
export function introducesTheSame(one: Buffer, other: Buffer): boolean {
  return JSON.stringify(readIntroduction(one)) === JSON.stringify(readIntroduction(other))
}

function readIntroduction(answer: Buffer): Record<string, unknown> {
  const message = parseJson(answer.toString())
  return isJsonObject(message) && isJsonObject(message.result) ? message.result : {}
}

function isVisible(text: unknown): text is string {
  return typeof text === 'string' && VISIBLE.test(text)
}
