import { copyToKeep } from '../../shared/copy-to-keep.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { RecalledMethod } from '../routing/list-methods.ts'
import type { ServerPool } from '../server-pool/server-pool.ts'
import { listPages, parseObject } from './list-pages.ts'
import { capabilityOf, PROMPTS, RESOURCE_TEMPLATES, RESOURCES, TOOLS } from './paged-lists.ts'
import type { ListRest, ListServer, ServerListing } from './server-listing.ts'
import { readTools } from './tool-list.ts'

type Pool = Pick<ServerPool, 'ask' | 'greet'>

const REST = [PROMPTS, RESOURCES, RESOURCE_TEMPLATES]

/** Makes a way to list the servers of a pool, which starts one that does not run: all pages of its tools, and what it says of itself. */
export function createListServer(pool: Pool): ListServer {
  return async ({ name: server }, signal) => {
    const { items, pages } = await listPages(pool, { server, list: TOOLS }, signal)
    const greeting = copyToKeep(await pool.greet(server, signal))
    const answers = new Map<RecalledMethod, Buffer[]>([['initialize', [greeting]]])
    if (pages.length > 0) answers.set('tools/list', pages)
    return { ...readIntroduction(greeting), ...readTools(items), answers }
  }
}

/** Makes a way to ask the servers of a pool, which run already, for what they have besides tools. */
export function createListRest(pool: Pool): ListRest {
  return async ({ name: server }, signal) => {
    const greeting = parseObject(await pool.greet(server, signal))
    const lists = REST.filter((list) => capabilityOf(list, greeting).has)
    const asked = lists.map(async (list) => {
      // What it does not list though it says that it has it, it is asked for by who wants to have that.
      const { pages } = await listPages(pool, { server, list }, signal).catch(() => ({ pages: [] }))
      return [list.method, pages] as const
    })
    const answered = await Promise.all(asked)
    return new Map(answered.filter(([, { length }]) => length > 0))
  }
}

/** What a server says of itself in its result of initialize. */
function readIntroduction(greeting: Buffer): Pick<ServerListing, 'title' | 'description'> {
  const { serverInfo, instructions } = parseObject(greeting)
  const { title } = isJsonObject(serverInfo) ? serverInfo : {}
  return { title: textOf(title), description: textOf(instructions) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
