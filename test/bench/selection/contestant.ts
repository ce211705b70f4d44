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
import { type Catalogue, createCatalogue } from './catalogue.ts'
import type { ContestantOrder, Made } from './measure.ts'

/** What a contestant can do. It does so in a process of its own: no garbage of the other's is collected in its time. */
interface Contestant {
  build: () => unknown
  load: (() => unknown) | undefined
  search: (query: string) => unknown
}

const LIMIT = 10

const [name, tools, tries, every] = process.argv.slice(2)
const catalogue = await createCatalogue(Number(tools))
const queries = catalogue.queries.filter((_, place) => place % Number(every) === 0)
const { build, load, search } = name === 'pilotlight' ? pilotlight(catalogue) : miniSearch(catalogue)

process.on('message', (order: ContestantOrder) => process.send?.(order === 'search' ? searchAll() : makeAnew()))

// A processor that did something else for seconds is slow at first, which is not the contestant's doing.
const WARM_UP_QUERIES = 30

function searchAll(): number[] {
  queries.slice(0, WARM_UP_QUERIES).forEach((query) => search(query))
  return queries.map((query) => timeOf(() => search(query)))
}

function makeAnew(): Made {
  const made = Array.from({ length: Number(tries) }, () => weighed(build))
  const best = Math.min(...made.map(({ ms }) => ms))
  return { index: best, load: load && bestOf(load), memory: made[0]?.bytes ?? Number.NaN }
}

function pilotlight({ servers }: Catalogue): Contestant {
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
  const all = servers.flatMap((server) => server.tools)
  const make = () => {
    const made = new MiniSearch({ fields })
    made.addAll(all.map((tool, id) => ({ id, ...toolTexts(tool) })))
    return made
  }
  const made = make()
  const json = JSON.stringify(made)
  return {
    build: make,
    load: () => MiniSearch.loadJSON(json, { fields }),
    search: (query) => made.search(query).slice(0, LIMIT),
  }
}

function timeOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function bestOf(work: () => unknown): number {
  return Math.min(...Array.from({ length: Number(tries) }, () => timeOf(work)))
}

/** Makes something: how long that takes, and the bytes that stay. */
function weighed(make: () => unknown): { ms: number; bytes: number } {
  // As `node --expose-gc` has it, in a program that is started without.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = used()
  const startedAt = performance.now()
  const made = make()
  const ms = performance.now() - startedAt
  const after = used()
  // What was made must live until it was weighed.
  return { ms, bytes: made === undefined ? 0 : after - before }
}
