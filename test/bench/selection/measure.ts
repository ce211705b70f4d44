import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import MiniSearch from 'minisearch'
import { fromIndexBytes, toIndexBytes } from '../../../worker-service/tool-selection/index/index-bytes.ts'
import { createRanking } from '../../../worker-service/tool-selection/index/ranking.ts'
import { toolTexts } from '../../../worker-service/tool-selection/index/tool-fields.ts'
import {
  buildIndexParts,
  buildToolIndex,
  toToolIndex,
} from '../../../worker-service/tool-selection/index/tool-index.ts'
import { type Rounds, summarize } from '../samples.ts'
import type { Catalogue } from './catalogue.ts'

/** What was measured of one contestant. Milliseconds and bytes; undefined where it has no such thing. */
export interface Measured {
  index: number
  load: number | undefined
  memory: number
  query: { p50: number; p99: number }
}

export type Results = { tools: number; queries: number } & Record<'pilotlight' | 'minisearch', Measured>

interface Contestant {
  build: () => unknown
  load: (() => unknown) | undefined
  search: (query: string) => unknown
}

const LIMIT = 10
const WARM_UP_ROUNDS = 2

/** Measures both, their rounds of queries in turn. */
export function measureSelection(catalogue: Catalogue, rounds: number, signal: AbortSignal): Results {
  const contestants = { pilotlight: ours(catalogue), minisearch: miniSearch(catalogue) }
  const collect = garbageCollector()
  const times: Record<keyof typeof contestants, number[][]> = { pilotlight: [], minisearch: [] }
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const name of ['pilotlight', 'minisearch'] as const) {
      signal.throwIfAborted()
      // Neither pays for what the other left.
      collect()
      const taken = catalogue.queries.map((query) => timeOf(() => contestants[name].search(query)))
      if (round >= 0) times[name].push(taken)
    }
  }
  return {
    tools: catalogue.tools,
    queries: rounds * catalogue.queries.length,
    pilotlight: toMeasured(contestants.pilotlight, times.pilotlight),
    minisearch: toMeasured(contestants.minisearch, times.minisearch),
  }
}

function toMeasured({ build, load }: Contestant, times: Rounds): Measured {
  const { p50, p99 } = summarize(times)
  return {
    index: bestOf(build),
    load: load && bestOf(load),
    memory: memoryOf(build),
    query: { p50, p99 },
  }
}

function ours({ servers }: Catalogue): Contestant {
  const rank = createRanking(buildToolIndex(servers))
  const bytes = toIndexBytes(buildIndexParts(servers), 'bench')
  return {
    build: () => buildToolIndex(servers),
    load: () => toToolIndex(fromIndexBytes(bytes).parts, servers),
    search: (query) => rank(query, { limit: LIMIT, minScore: 50 }),
  }
}

// The fields that ours searches, so that both do the same work.
function miniSearch({ servers }: Catalogue): Contestant {
  const fields = ['name', 'description', 'parameters', 'parameter descriptions', 'enum values']
  const tools = servers.flatMap((server) => server.tools)
  const build = () => {
    const search = new MiniSearch({ fields })
    search.addAll(tools.map((tool, id) => ({ id, ...toolTexts(tool) })))
    return search
  }
  const search = build()
  const json = JSON.stringify(search)
  return {
    build,
    load: () => MiniSearch.loadJSON(json, { fields }),
    search: (query) => search.search(query).slice(0, LIMIT),
  }
}

function timeOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function bestOf(work: () => unknown): number {
  return Math.min(...Array.from({ length: 3 }, () => timeOf(work)))
}

// As `node --expose-gc` has it, in a program that is started without.
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

function memoryOf(build: () => unknown): number {
  const collect = garbageCollector()
  const used = () => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = used()
  const built = build()
  const after = used()
  // What was built must live until it was weighed.
  return built === undefined ? 0 : after - before
}
