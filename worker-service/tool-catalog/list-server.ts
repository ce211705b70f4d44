import { METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { RefusedRequest } from '../server-pool/refused-request.ts'
import type { ServerPool } from '../server-pool/server-pool.ts'
import type { ListServer, ServerListing } from './server-listing.ts'
import { readTools } from './tool-list.ts'

type Pool = Pick<ServerPool, 'ask'>

const MAX_PAGES = 1_000
const MAX_TOOLS = 20_000

/** Makes a way to list the servers of a pool, which starts one that does not run: all pages of its tools, and what it says of itself. */
export function createListServer(pool: Pool): ListServer {
  return async ({ name }, signal) => {
    try {
      return await listPages(pool, name, signal)
    } catch (thrown) {
      // A server of prompts or resources alone need not know the method.
      if (!(thrown instanceof RefusedRequest && thrown.rpcCode === METHOD_NOT_FOUND)) throw thrown
      return { title: undefined, description: undefined, tools: [], withheld: [] }
    }
  }
}

async function listPages(pool: Pool, server: string, signal: AbortSignal): Promise<ServerListing> {
  const listed: unknown[] = []
  const cursors = new Set<string>()
  let params: { cursor?: string } = {}
  do {
    const { result, greeting } = await pool.ask(server, { method: 'tools/list', params }, signal)
    const { tools, nextCursor } = parseObject(result)
    if (!Array.isArray(tools)) throw unusable(server, 'its list of tools is not a list')
    for (const tool of tools) listed.push(tool)
    if (typeof nextCursor !== 'string') return { ...readIntroduction(greeting), ...readTools(listed) }
    if (cursors.has(nextCursor)) throw unusable(server, 'its list of tools never ends: a cursor came twice')
    cursors.add(nextCursor)
    params = { cursor: nextCursor }
  } while (cursors.size < MAX_PAGES && listed.length <= MAX_TOOLS)
  throw unusable(server, `its list of tools has over ${MAX_PAGES} pages or ${MAX_TOOLS} tools`)
}

/** What a server says of itself in its result of initialize. */
function readIntroduction(greeting: Buffer | undefined): Pick<ServerListing, 'title' | 'description'> {
  const { serverInfo, instructions } = greeting === undefined ? {} : parseObject(greeting)
  const { title } = isJsonObject(serverInfo) ? serverInfo : {}
  return { title: textOf(title), description: textOf(instructions) }
}

// Bytes that are no UTF-8 are replaced: one bad character in a description costs nobody the tool.
function parseObject(json: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(json.toString('utf8'))
  return isJsonObject(value) ? value : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function unusable(server: string, reason: string): ServiceError {
  return new ServiceError('server_unavailable', `server "${server}": ${reason}.`)
}
