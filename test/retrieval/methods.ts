import MiniSearch from 'minisearch'
import { FIND_TOOLS_DEFAULTS } from '../../shared/contracts/find-tools-fields.ts'
import { createRanking } from '../../worker-service/tool-selection/index/ranking.ts'
import { toolTexts } from '../../worker-service/tool-selection/index/tool-fields.ts'
import { buildToolIndex } from '../../worker-service/tool-selection/index/tool-index.ts'
import type { LabelledSet } from './labelled-set.ts'
import { createPlainBm25 } from './plain-bm25.ts'
import { DEPTH } from './score.ts'

/** What a method finds for a query: tools by their place in the set, best first, and whether an answer would be empty. */
export interface Found {
  places: readonly number[]
  abstains: boolean
}

/** A way to rank the tools of a set. `prepare` indexes them. */
export interface Method {
  title: string
  prepare(set: LabelledSet): (query: string) => Found
}

/** The product's own index and ranking, as the embedded selector asks them; it abstains where nothing has the default `min_score`. */
const PILOTLIGHT: Method = {
  title: 'pilotlight',
  prepare: ({ servers }) => {
    const rank = createRanking(buildToolIndex(servers))
    return (query) => {
      const { ranked } = rank(query, { limit: DEPTH, minScore: 0 })
      return {
        places: ranked.map(({ tool }) => tool),
        abstains: (ranked[0]?.score ?? 0) < FIND_TOOLS_DEFAULTS.min_score,
      }
    }
  },
}

/** MiniSearch as it comes, over the same three fields as plain BM25. */
const MINISEARCH: Method = {
  title: 'minisearch',
  prepare: (set) => {
    const search = new MiniSearch({ fields: ['name', 'description', 'parameters'] })
    search.addAll(plainTexts(set).map((texts, id) => ({ id, ...texts })))
    return (query) => toFound(search.search(query).map(({ id }) => id as number))
  },
}

/** Textbook BM25 over name, description and parameter names. */
const PLAIN_BM25: Method = {
  title: 'plain BM25',
  prepare: (set) => {
    const texts = plainTexts(set).map(({ name, description, parameters }) => `${name} ${description} ${parameters}`)
    const rank = createPlainBm25(texts)
    return (query) => toFound(rank(query, DEPTH))
  },
}

/** The methods that are compared, ours first. */
export const METHODS: readonly Method[] = [PILOTLIGHT, MINISEARCH, PLAIN_BM25]

function plainTexts({ servers }: LabelledSet): { name: string; description: string; parameters: string }[] {
  return servers.flatMap(({ tools }) => tools.map(toolTexts))
}

function toFound(places: readonly number[]): Found {
  return { places: places.slice(0, DEPTH), abstains: places.length === 0 }
}
