import { isJsonObject } from '../../shared/json-object.ts'
import type { ServerPool } from '../server-pool/server-pool.ts'
import { listPages, type PagedList, parseObject } from './list-pages.ts'
import type { ListServer, ServerListing } from './server-listing.ts'
import { readTools } from './tool-list.ts'

const TOOLS: PagedList = { method: 'tools/list', member: 'tools', name: 'tools' }

/** Makes a way to list the servers of a pool, which starts one that does not run: all pages of its tools, and what it says of itself. */
export function createListServer(pool: Pick<ServerPool, 'ask' | 'greet'>): ListServer {
  return async ({ name: server }, signal) => {
    const listed = await listPages(pool, { server, list: TOOLS }, signal)
    return { ...readIntroduction(await pool.greet(server, signal)), ...readTools(listed) }
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
