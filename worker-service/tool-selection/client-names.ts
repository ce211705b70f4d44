import { FIND_TOOLS_NAME } from '../../shared/contracts/find-tools-fields.ts'
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
// The names of our own tools.
const RESERVED = [FIND_TOOLS_NAME, 'call_tool']

/**
 * Gives every tool a name that clients accept (`^[A-Za-z0-9_-]{1,64}$`) and no other tool has: its own; `server__tool` where an earlier
 * tool has that; with a short hash of its id where it must be cut or is still taken. The same tools in the same order get the same names.
 */
export function createClientNames(tools: Iterable<NamedTool>): ClientNames {
  const idByName = new Map<string, string>(RESERVED.map((name) => [name, '']))
  const nameById = new Map<string, string>()
  for (const tool of tools) {
    const id = `${tool.server}/${tool.tool}`
    if (nameById.has(id)) continue
    const name = firstFree(candidates(tool, id), idByName)
    idByName.set(name, id)
    nameById.set(id, name)
  }
  return {
    nameOf: (id) => nameById.get(id),
    idOf: (name) => idByName.get(name) || undefined,
  }
}

function* candidates({ server, tool }: NamedTool, id: string): Generator<string> {
  yield toLegalName(tool, id)
  yield toLegalName(`${server}__${tool}`, id)
  for (let attempt = 0; ; attempt++) yield withHash(`${server}__${tool}`, attempt === 0 ? id : `${id}#${attempt}`)
}

function firstFree(names: Iterable<string>, taken: ReadonlyMap<string, string>): string {
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
