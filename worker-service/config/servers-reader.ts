import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { type MemberReader, mustBe, type Path, type Read } from './section-reader.ts'

/** The entry of a server, not yet read, and where in its section it stands. */
export interface UnreadEntry {
  name: string
  value: unknown
  path: Path
  /** Why it has no name of its own, and is called by its number in the list. */
  problem?: string
}

/** Entries of servers: an object with their names for keys, or a list in which each says its `name`. */
export const servers: MemberReader<UnreadEntry[]> = {
  read(value) {
    if (Array.isArray(value)) return readList(value)
    if (!isJsonObject(value)) return { mistakes: [mustBe('an object of servers by their names')] }
    return { value: Object.entries(value).map(([name, entry]) => ({ name, value: entry, path: [name] })) }
  },
  schema: {
    type: ['object', 'array'],
    propertyNames: { pattern: SERVER_NAME.source },
    additionalProperties: { $ref: '#/definitions/server' },
  },
}

function readList(list: readonly unknown[]): Read<UnreadEntry[]> {
  const value = list.map((entry, at) => {
    const name = nameOf(entry)
    if (name === undefined) return { name: `#${at + 1}`, value: entry, path: [at], problem: NAMELESS }
    return { name, value: withoutName(entry), path: [at] }
  })
  return { value }
}

const NAMELESS = 'it must be an object with a "name", or the name alone'

// A name alone is of a server that is described elsewhere.
function nameOf(entry: unknown): string | undefined {
  const name = isJsonObject(entry) ? entry.name : entry
  return typeof name === 'string' ? name : undefined
}

function withoutName(entry: unknown): unknown {
  if (!isJsonObject(entry)) return {}
  const { name: _, ...rest } = entry
  return rest
}
