import { join } from 'node:path'
import type { ListedServer } from '../../../worker-service/tool-catalog/tool-catalog.ts'
import { readSet } from '../../retrieval/labelled-set.ts'

/** A large catalogue and what is asked of it. */
export interface Catalogue {
  servers: readonly ListedServer[]
  tools: number
  queries: readonly string[]
  /** Those of the queries that one of so many tools from the beginning answers. */
  queriesFor: (first: number) => string[]
}

const SYLLABLES = ['ba', 'do', 'fe', 'gi', 'ko', 'lu', 'ma', 'ne', 'pi', 'ro', 'su', 'ta', 'vo', 'we', 'xi', 'za']
const WORD_SYLLABLES = 3

/**
 * As many tools as asked for: those of the golden set over and over, each copy with words of its own in names and descriptions, so that
 * the vocabulary grows with the catalogue as that of real ones does. The queries are those of the golden set, long ones among them.
 */
export async function createCatalogue(tools: number): Promise<Catalogue> {
  const { servers, queries, toolIds } = await readSet(join(import.meta.dirname, '../../retrieval/golden'))
  const copies: ListedServer[] = []
  let count = 0
  for (let copy = 0; count < tools; copy++) {
    for (const server of servers) {
      const taken = server.tools.slice(0, tools - count)
      if (taken.length > 0) copies.push(copyOf({ ...server, tools: taken }, copy))
      count += taken.length
    }
  }
  const queriesFor = (first: number) => {
    const ids = new Set(toolIds.slice(0, first))
    return queries.filter(({ groups }) => groups.flat().some((id) => ids.has(id))).map(({ query }) => query)
  }
  return { servers: copies, tools: count, queries: queries.map(({ query }) => query), queriesFor }
}

function copyOf(server: ListedServer, copy: number): ListedServer {
  const product = wordOf(copy)
  return {
    ...server,
    name: `${server.name}-${product}`,
    tools: server.tools.map((tool, place) => {
      const thing = wordOf(copy * 131 + place * 7 + 1)
      return { ...tool, name: `${tool.name}_${thing}`, description: `${tool.description} (${product} ${thing})` }
    }),
  }
}

function wordOf(number: number): string {
  const digits = Array.from({ length: WORD_SYLLABLES }, (_, place) => Math.floor(number / SYLLABLES.length ** place))
  return digits.map((digit) => SYLLABLES[digit % SYLLABLES.length]).join('')
}
