import { METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { RefusedRequest } from '../server-pool/refused-request.ts'
import type { ServerPool } from '../server-pool/server-pool.ts'

/** What is listed: by which method, under which member of its result, and what people call it. */
export interface PagedList {
  readonly method: string
  readonly member: string
  readonly name: string
}

const MAX_PAGES = 1_000
const MAX_ITEMS = 20_000

type Pool = Pick<ServerPool, 'ask'>

/** What is listed of which server. */
interface ListOf {
  readonly server: string
  readonly list: PagedList
}

/**
 * Asks a server of a pool for all pages of a list, of the service's own accord; one that does not know the method has nothing there.
 * Rejects as `ask` does, and where the list is none or never ends.
 */
export async function listPages(pool: Pool, listed: ListOf, signal: AbortSignal): Promise<unknown[]> {
  try {
    return await allPages(pool, listed, signal)
  } catch (thrown) {
    if (thrown instanceof RefusedRequest && thrown.rpcCode === METHOD_NOT_FOUND) return []
    throw thrown
  }
}

async function allPages(pool: Pool, { server, list }: ListOf, signal: AbortSignal): Promise<unknown[]> {
  const { method, member, name } = list
  const unusable = (reason: string) =>
    new ServiceError('server_unavailable', `server "${server}": its list of ${name} ${reason}.`)
  const items: unknown[] = []
  const cursors = new Set<string>()
  let params: { cursor?: string } = {}
  do {
    const { [member]: page, nextCursor } = parseObject(await pool.ask(server, { method, params }, signal))
    if (!Array.isArray(page)) throw unusable('is not a list')
    for (const item of page) items.push(item)
    if (typeof nextCursor !== 'string') return items
    if (cursors.has(nextCursor)) throw unusable('never ends: a cursor came twice')
    cursors.add(nextCursor)
    params = { cursor: nextCursor }
  } while (cursors.size < MAX_PAGES && items.length <= MAX_ITEMS)
  throw unusable(`has over ${MAX_PAGES} pages or ${MAX_ITEMS} ${name}`)
}

/** A JSON object, empty where the text is another value. Bytes that are no UTF-8 are replaced: one bad character costs nobody the list. */
export function parseObject(json: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(json.toString('utf8'))
  return isJsonObject(value) ? value : {}
}
