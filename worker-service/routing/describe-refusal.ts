import { METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import type { AnswerFrame } from '../../shared/frames/frame-scan.ts'
import { LATEST_PROTOCOL_VERSION } from '../../shared/frames/protocol-version.ts'
import { isJsonObject } from '../../shared/json-object.ts'

const MAX_CHARACTERS_QUOTED = 300

/** Says why a server refused initialize: what it said itself, and what that means where it may speak a later MCP only. */
export function describeRefusal(server: string, { bytes }: AnswerFrame): string {
  const { error }: { error?: unknown } = JSON.parse(bytes.toString('utf8'))
  const { code, message, data } = isJsonObject(error) ? error : {}
  // MCP 2026-07-28: an error that a version is not supported names those that are.
  const supported = isJsonObject(data) && Array.isArray(data.supported) ? data.supported : []
  const versions = supported.filter((version) => typeof version === 'string').slice(0, 10)
  if (versions.length > 0) return speaksOnly(server, versions)
  const said = typeof message === 'string' ? `: ${JSON.stringify(message.slice(0, MAX_CHARACTERS_QUOTED))}` : ''
  const refusal = `server "${server}": it refused initialize${said} (${String(code)}).`
  if (code !== METHOD_NOT_FOUND) return refusal
  return `${refusal} It may speak only a version of MCP later than ${LATEST_PROTOCOL_VERSION}, the latest that is spoken here.`
}

/** Says that a server speaks no version of MCP that is spoken here. */
export function speaksOnly(server: string, versions: readonly string[]): string {
  const spoken = versions.map((version) => version.slice(0, MAX_CHARACTERS_QUOTED)).join(', ')
  return `server "${server}": it speaks MCP ${spoken} only, which is not spoken here: ${LATEST_PROTOCOL_VERSION} and older are.`
}
