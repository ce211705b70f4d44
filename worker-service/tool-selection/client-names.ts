import { OWN_TOOL_NAMES } from '../../shared/contracts/own-tool-names.ts'
import { fingerprint } from '../../shared/fingerprint.ts'

/** The names under which clients see tools or prompts, and the way back. Ids are `server/name`. */
export interface ClientNames {
  nameOf(id: string): string | undefined
  idOf(name: string): string | undefined
}

/** A tool or prompt by the server that has it and its own name there. */
export interface NamedItem {
  readonly server: string
  readonly name: string
}

/** The id of a tool or prompt: `server/name`. */
export function toItemId({ server, name }: NamedItem): string {
  return `${server}/${name}`
}

/** The tool or prompt of such an id: names of servers have no slash. */
export function fromItemId(id: string): NamedItem {
  const slash = id.indexOf('/')
  return { server: id.slice(0, slash), name: id.slice(slash + 1) }
}

const MAX_LENGTH = 64
const ILLEGAL = /[^A-Za-z0-9_-]/g
const HASH_LENGTH = 8
const NOTHING_GIVEN: ReadonlyMap<string, string> = new Map()

/**
 * Gives every item a name that clients accept (`^[A-Za-z0-9_-]{1,64}$`) and no other has: its own; `server__name` where an earlier one
 * has that; with a short hash of its id where it must be cut or is still taken. The same items in the same order get the same names.
 * What was `given` before, names by ids, stays theirs, also of items that are not there now.
 */
export function createClientNames(
  items: Iterable<NamedItem>,
  given: ReadonlyMap<string, string> = NOTHING_GIVEN,
): ClientNames {
  const taken = new Set([...OWN_TOOL_NAMES, ...given.values()])
  const idByName = new Map<string, string>()
  const nameById = new Map<string, string>()
  for (const item of items) {
    const id = toItemId(item)
    if (nameById.has(id)) continue
    const name = given.get(id) ?? firstFree(candidates(item, id), taken)
    taken.add(name)
    idByName.set(name, id)
    nameById.set(id, name)
  }
  return { nameOf: (id) => nameById.get(id), idOf: (name) => idByName.get(name) }
}

function* candidates({ server, name }: NamedItem, id: string): Generator<string> {
  yield toLegalName(name, id)
  yield toLegalName(`${server}__${name}`, id)
  for (let attempt = 0; ; attempt++) yield withHash(`${server}__${name}`, attempt === 0 ? id : `${id}#${attempt}`)
}

function firstFree(names: Iterable<string>, taken: ReadonlySet<string>): string {
  for (const name of names) if (!taken.has(name)) return name
  throw new Error('unreachable: there is always another hash')
}

function toLegalName(name: string, id: string): string {
  return name === '' || name.length > MAX_LENGTH ? withHash(name, id) : name.replace(ILLEGAL, '_')
}

function withHash(name: string, hashed: string): string {
  const hash = fingerprint(hashed).slice(0, HASH_LENGTH)
  return `${name.slice(0, MAX_LENGTH - HASH_LENGTH - 1).replace(ILLEGAL, '_')}_${hash}`
}
