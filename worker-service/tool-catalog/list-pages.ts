import { copyToKeep } from '../../shared/copy-to-keep.ts'
import { METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { RefusedRequest } from '../server-pool/refused-request.ts'
import type { ServerPool } from '../server-pool/server-pool.ts'
import type { PagedList } from './paged-lists.ts'

const MAX_PAGES = 1_000
const MAX_ITEMS = 20_000

type Pool = Pick<ServerPool, 'ask'>

/** What is listed of which server. */
interface ListOf {
  readonly server: string
  readonly list: PagedList
}

/** A whole list: its items, and the results that they came in, JSON text as it came. */
export interface ListedPages {
  readonly items: unknown[]
  readonly pages: Buffer[]
}

/**
 * Asks a server of a pool for all pages of a list, of the service's own accord; one that does not know the method has nothing there.
 * Rejects as `ask` does, and where the list is none or never ends.
 */
export async function listPages(pool: Pool, listed: ListOf, signal: AbortSignal): Promise<ListedPages> {
  try {
    return await allPages(pool, listed, signal)
  } catch (thrown) {
    if (thrown instanceof RefusedRequest && thrown.rpcCode === METHOD_NOT_FOUND) return { items: [], pages: [] }
    throw thrown
  }
}

/** The items on pages that {@link listPages} once had. */
export function itemsOn(pages: readonly Buffer[], { member }: PagedList): unknown[] {
  return pages.flatMap((page) => {
    const { [member]: items } = parseObject(page)
    return Array.isArray(items) ? items : []
  })
}

async function allPages(pool: Pool, { server, list }: ListOf, signal: AbortSignal): Promise<ListedPages> {
  const { method, member, name } = list
  const unusable = (reason: string) =>
    new ServiceError('server_unavailable', `server "${server}": its list of ${name} ${reason}.`)
  const items: unknown[] = []
  const pages: Buffer[] = []
  const cursors = new Set<string>()
  let params: { cursor?: string } = {}
  do {
    const result = await pool.ask(server, { method, params }, signal)
    const { [member]: page, nextCursor } = parseObject(result)
    if (!Array.isArray(page)) throw unusable('is not a list')
    for (const item of page) items.push(item)
    pages.push(copyToKeep(result))
    if (typeof nextCursor !== 'string') return { items, pages }
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
