import { copyToKeep } from '../../shared/copy-to-keep.ts'
import { replaceSpans } from '../../shared/frames/frame-write.ts'
import type { Span } from '../../shared/frames/json-scanner.ts'
import { locateIn, type WantedMembers } from '../../shared/frames/locate-members.ts'
import { negotiateVersion } from '../../shared/frames/protocol-version.ts'
import { valueAt } from '../../shared/frames/value-at.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { ServerList } from './outbox.ts'

type GreetingPath = 'id' | 'result' | 'result.protocolVersion'

const RESULT: WantedMembers<GreetingPath> = new Map([['protocolVersion', { path: 'result.protocolVersion' }]])

const ANSWER: WantedMembers<GreetingPath> = new Map([
  ['id', { path: 'id' }],
  ['result', { path: 'result', within: RESULT }],
])

/** A server's answer to initialize, kept byte for byte and given to every client under its own id. */
export interface ServerGreeting {
  readonly bytes: Buffer
  readonly id: Span
  readonly result: Span
  readonly version: Span
  readonly protocolVersion: string
}

/** Reads a frame that is known to answer initialize, and copies it, as it is kept; undefined when its result names no protocol version. */
export function parseGreeting(frame: Buffer): ServerGreeting | undefined {
  const bytes = copyToKeep(frame)
  const { spans, twice } = locateIn(bytes, ANSWER)
  const id = spans.get('id')
  const result = spans.get('result')
  const version = spans.get('result.protocolVersion')
  if (id === undefined || result === undefined || version === undefined || twice !== undefined) return undefined
  const protocolVersion = valueAt(bytes, version)
  return typeof protocolVersion === 'string' ? { bytes, id, result, version, protocolVersion } : undefined
}

/** The lists that a server says it has. */
export function listsOf({ bytes, result }: ServerGreeting): ServerList[] {
  const { capabilities } = valueAt(bytes, result) as { capabilities?: unknown }
  const has = isJsonObject(capabilities) ? capabilities : {}
  return (['tools', 'prompts', 'resources'] as const).filter((list) => isJsonObject(has[list]))
}

/** The frame for a client that sent initialize with this id (as Latin-1 text of its bytes) and offered this version. */
export function greetingFor(greeting: ServerGreeting, idRaw: string, offeredVersion: string): Buffer {
  const version = negotiateVersion(offeredVersion, greeting.protocolVersion)
  const replacements = [{ span: greeting.id, raw: idRaw }]
  if (version !== greeting.protocolVersion) replacements.push({ span: greeting.version, raw: JSON.stringify(version) })
  return replaceSpans(greeting.bytes, replacements)
}
