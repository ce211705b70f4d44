import { isJsonObject } from '../../shared/json-object.ts'
import { type Path, readSection, spellingOf } from './section-reader.ts'
import { DOCUMENT } from './sections.ts'
import type { UnreadEntry } from './servers-reader.ts'

/** The places of a document where servers stand, as far as they are used. */
type Places = Record<'mcpServers' | 'servers' | 'proxies' | 'apps', UnreadEntry[] | undefined>

/**
 * The servers of all places, in the order written, one entry each: what stands of a server in one place is completed by what stands of it
 * in the next. Earlier tools say in one place what a server is and in another how it is kept.
 */
export function joinEntries(places: Places, document: Record<string, unknown>): UnreadEntry[] {
  const top = (name: string) => spellingOf(name, document) ?? name
  const found = [
    ...at([top('mcpServers')], places.mcpServers),
    ...at([top('servers')], places.servers),
    ...at([top('service'), 'proxies'], places.proxies),
    ...at([top('pool'), 'apps'], places.apps),
  ]
  const joined = new Map<string, UnreadEntry>()
  for (const entry of found) joined.set(entry.name, complete(joined.get(entry.name), entry))
  return [...joined.values()]
}

/** The entries of a document, not yet read; what is wrong around them is passed over. */
export function entriesOf(document: Record<string, unknown>): UnreadEntry[] {
  const { mcpServers, servers, service, pool } = readSection(DOCUMENT, document).value
  return joinEntries({ mcpServers, servers, proxies: service?.proxies, apps: pool?.apps }, document)
}

function at(place: Path, entries: readonly UnreadEntry[] = []): UnreadEntry[] {
  return entries.map((entry) => ({ ...entry, path: [...place, ...entry.path] }))
}

function complete(entry: UnreadEntry | undefined, more: UnreadEntry): UnreadEntry {
  if (entry === undefined) return more
  if (!isJsonObject(entry.value) || !isJsonObject(more.value)) return entry
  return { ...entry, value: { ...more.value, ...entry.value } }
}
