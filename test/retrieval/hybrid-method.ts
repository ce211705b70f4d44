import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FIND_TOOLS_DEFAULTS } from '../../shared/contracts/find-tools-fields.ts'
import { SILENT_OBSERVER } from '../../worker-service/observability/silent-observer.ts'
import { canMeaningHelp, rankHybrid } from '../../worker-service/tool-selection/embeddings/hybrid-ranking.ts'
import { SemanticSearch } from '../../worker-service/tool-selection/embeddings/semantic-search.ts'
import { createRanking, type RankingOptions } from '../../worker-service/tool-selection/index/ranking.ts'
import { buildToolIndex } from '../../worker-service/tool-selection/index/tool-index.ts'
import { startEmbeddingsServer } from '../fixtures/embeddings/embeddings-server.ts'
import type { LabelledSet } from './labelled-set.ts'
import type { Method } from './methods.ts'
import { DEPTH } from './score.ts'

/** An endpoint for embeddings; without one, character n-grams are served by one of our own. */
export interface Endpoint {
  url: string
  model: string
  apiKey: string | undefined
}

const NEVER = new AbortController().signal
const QUERY_TIMEOUT_MS = 30_000
const LOOK_EVERY_MS = 20

/** The product's ranking by words and meaning, over HTTP as the worker has it. Asks for the vectors of a set's tools and queries at once. */
export async function createHybridMethod(set: LabelledSet, endpoint: Endpoint | undefined): Promise<Method> {
  await using own = endpoint === undefined ? await startEmbeddingsServer() : undefined
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pilotlight-retrieval-'))
  await using search = new SemanticSearch({
    ...(endpoint ?? { url: own?.url ?? '', model: 'n-grams', apiKey: undefined }),
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    path: join(folder.path, 'vectors.bin'),
    observer: SILENT_OBSERVER.embeddings,
  })
  const index = buildToolIndex(set.servers)
  search.keepUpWith({ servers: () => set.servers })
  await untilReady(search)
  const similarities = new Map<string, Float32Array>()
  for (const { query } of set.queries) {
    const near = await search.similaritiesTo(query, index.tools, NEVER)
    if ('reason' in near) throw new Error(near.reason)
    similarities.set(query, near.values)
  }
  return {
    title: `pilotlight, ${endpoint?.model ?? 'n-grams'}`,
    prepare: () => {
      const rank = createRanking(index)
      return (query) => {
        const find = (options: RankingOptions) => {
          const byWords = rank(query, options)
          const near = similarities.get(query)
          if (near === undefined || !canMeaningHelp(byWords)) return byWords
          return rankHybrid({ tools: index.tools, rank }, near)(query, options)
        }
        return {
          places: find({ limit: DEPTH, minScore: 0 }).ranked.map(({ tool }) => tool),
          abstains: find({ limit: 1, minScore: FIND_TOOLS_DEFAULTS.min_score }).ranked.length === 0,
        }
      }
    },
  }
}

async function untilReady(search: SemanticSearch): Promise<void> {
  for (;;) {
    const { status, reason, tools } = search.status()
    if (status === 'ready' && tools > 0) return
    if (reason?.startsWith('Embeddings endpoint')) throw new Error(reason)
    await sleep(LOOK_EVERY_MS)
  }
}
