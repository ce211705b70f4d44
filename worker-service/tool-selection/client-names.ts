import { OWN_TOOL_NAMES } from '../../shared/contracts/own-tool-names.ts'
import { fingerprint } from '../../shared/fingerprint.ts'

/** The names under which clients see tools, and the way back. Ids are `server/tool`. */
export interface ClientNames {
  nameOf(toolId: string): string | undefined
  idOf(name: string): string | undefined
}

/** A tool by the server that has it and its own name there. */
export interface NamedTool {
  server: string
  tool: string
}

const MAX_LENGTH = 64
const ILLEGAL = /[^A-Za-z0-9_-]/g
const HASH_LENGTH = 8
const NOTHING_GIVEN: ReadonlyMap<string, string> = new Map()

/**
 * Gives every tool a name that clients accept (`^[A-Za-z0-9_-]{1,64}$`) and no other tool has: its own; `server__tool` where an earlier
 * tool has that; with a short hash of its id where it must be cut or is still taken. The same tools in the same order get the same names.
 * What was `given` before, names by tool ids, stays theirs, also of tools that are not there now.
 */
export function createClientNames(
  tools: Iterable<NamedTool>,
  given: ReadonlyMap<string, string> = NOTHING_GIVEN,
): ClientNames {
  const taken = new Set([...OWN_TOOL_NAMES, ...given.values()])
  const idByName = new Map<string, string>()
  const nameById = new Map<string, string>()
  for (const tool of tools) {
    const id = `${tool.server}/${tool.tool}`
    if (nameById.has(id)) continue
    const name = given.get(id) ?? firstFree(candidates(tool, id), taken)
    taken.add(name)
    idByName.set(name, id)
    nameById.set(id, name)
  }
  return { nameOf: (id) => nameById.get(id), idOf: (name) => idByName.get(name) }
}

function* candidates({ server, tool }: NamedTool, id: string): Generator<string> {
  yield toLegalName(tool, id)
  yield toLegalName(`${server}__${tool}`, id)
  for (let attempt = 0; ; attempt++) yield withHash(`${server}__${tool}`, attempt === 0 ? id : `${id}#${attempt}`)
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
