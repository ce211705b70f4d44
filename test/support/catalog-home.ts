import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CatalogOptions, OpenCatalog } from '../../worker-service/tool-catalog/open-catalog.ts'
import type { ListServer, ServerListing } from '../../worker-service/tool-catalog/server-listing.ts'
import type { ToolCatalog } from '../../worker-service/tool-catalog/tool-catalog.ts'
import { fixtureServer } from './fixture-server.ts'

/** When it is in a catalogue's home, unless it is told another time: milliseconds since 1970. */
export const NOW = 1_700_000_000_000

/** A listing of tools of these names. */
export function listingOf(...names: string[]): ServerListing {
  const tools = names.map((name) => ({ name, inputSchema: { type: 'object' } }))
  return { title: undefined, description: undefined, tools, withheld: [], answers: new Map() }
}

/** A place in which catalogues are opened one after another; each records what it asked and what was observed. */
export async function catalogHome() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'open-catalog-'))
  const cacheFolder = join(folder.path, 'pilotlight')
  return {
    cacheFolder,
    async open(
      names: string[],
      answers: Record<string, string[] | Error | ListServer>,
      overrides: Partial<CatalogOptions> = {},
    ) {
      const asked: string[] = []
      const observed: unknown[][] = []
      const opened = new OpenCatalog({
        servers: names.map((name) => fixtureServer(name)),
        unusable: [],
        cacheFolder,
        stateFolder: join(folder.path, 'state'),
        listing: 'missing',
        isRunning: () => true,
        listRest: async () => new Map(),
        now: () => NOW,
        async listServer(definition, signal) {
          asked.push(definition.name)
          const answer = answers[definition.name]
          if (typeof answer === 'function') return answer(definition, signal)
          if (Array.isArray(answer)) return listingOf(...answer)
          throw answer ?? new Error('no answer')
        },
        observer: {
          serverListed: (...event) => observed.push(['listed', ...event]),
          serverSkipped: (name, { message }) => observed.push(['skipped', name, message]),
          toolWithheld: (...event) => observed.push(['withheld', ...event]),
          toolsChanged: (...event) => observed.push(['changed', ...event]),
          toolsAccepted: (...event) => observed.push(['accepted', ...event]),
          snapshotFailed: (message) => observed.push(['snapshot failed', message]),
        },
        ...overrides,
      })
      return Object.assign(opened, { asked, observed })
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** The names of the tools that can be found, by server. */
export function toolsOf(catalog: ToolCatalog): Record<string, string[]> {
  return Object.fromEntries(catalog.servers().map(({ name, tools }) => [name, tools.map((tool) => tool.name)]))
}
