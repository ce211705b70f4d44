import type { EmbeddingsStatus } from '../../../shared/contracts/health.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { ToolCatalog } from '../../tool-catalog/tool-catalog.ts'
import { toCancellation } from '../cancellation.ts'
import type { ApiObserver } from '../upstream/api-client.ts'
import { toEmbeddedText } from './embedded-text.ts'
import { EmbeddingsClient, type EmbeddingsEndpoint, TextRefused } from './embeddings-client.ts'
import { EndpointHealth, type HealthObserver } from './endpoint-health.ts'
import { type OwnedTool, type RetryPause, ToolVectors } from './tool-vectors.ts'
import { VectorFile } from './vector-file.ts'

/** How near tools are to a query in meaning, in the order of the tools, -1 to 1; or why that cannot be told, for people to read. */
export type Similarities = { values: Float32Array } | { reason: string }

/** What can be told of how near tools are to a query. Rejects with the signal's reason, and with nothing else. */
export interface SimilaritySource extends AsyncDisposable {
  similaritiesTo(query: string, tools: readonly OwnedTool[], signal: AbortSignal): Promise<Similarities>
  /** How it does in a process that keeps up with the catalogue. */
  status(): EmbeddingsStatus
}

/** Who is told how the endpoint does, request by request, and whether it can be counted on. */
export interface EmbeddingsObserver extends HealthObserver {
  requests: ApiObserver
  warn(message: string): void
}

export interface SemanticSearchOptions extends EmbeddingsEndpoint {
  /** How long a search waits for the vector of its query, in milliseconds. */
  queryTimeoutMs: number
  /** Where the vectors of tools are kept. */
  path: string
  pause?: RetryPause
  observer: EmbeddingsObserver
}

const REMEMBERED_QUERIES = 500

/** Searches by meaning, with vectors of an endpoint. */
export class SemanticSearch implements SimilaritySource {
  readonly #options: SemanticSearchOptions
  readonly #client: EmbeddingsClient
  readonly #health: EndpointHealth
  readonly #vectors: ToolVectors
  /** Vectors of queries, those asked last at the end. */
  readonly #queries = new Map<string, Float32Array>()
  #catalog: Pick<ToolCatalog, 'servers'> | undefined

  /** Throws `invalid_configuration` for what cannot be sent. */
  constructor(options: SemanticSearchOptions) {
    const { observer, model, path, queryTimeoutMs: probeTimeoutMs, pause } = options
    this.#options = options
    this.#client = new EmbeddingsClient({ ...options, observer: observer.requests })
    this.#health = new EndpointHealth(observer)
    this.#vectors = new ToolVectors({
      client: this.#client,
      file: new VectorFile(path, `${this.#client.url} ${model}`),
      health: this.#health,
      probeTimeoutMs,
      ...(pause && { pause }),
      warn: (message) => observer.warn(message),
    })
  }

  /** Embeds the tools of a catalogue from now on, in the background, whenever it is told that there may be others. */
  keepUpWith(catalog: Pick<ToolCatalog, 'servers'>): void {
    this.#catalog = catalog
    this.#vectors.refresh(catalog)
  }

  async similaritiesTo(query: string, tools: readonly OwnedTool[], signal: AbortSignal): Promise<Similarities> {
    // A process that does not keep up with the catalogue has what another one has kept.
    if (this.#catalog === undefined) await this.#vectors.load()
    const { whyLost } = this.#health
    if (whyLost !== undefined) return { reason: whyLost }
    const found = await this.#vectors.rowsOf(tools)
    if ('have' in found) return { reason: describeProgress(found.have, tools.length) }
    const { table, rows } = found
    const vector = await this.#vectorOf(toEmbeddedText(query), table.dimensions, signal)
    return 'reason' in vector ? vector : { values: await table.similarities(vector, rows) }
  }

  status(): EmbeddingsStatus {
    const { tools, embedded } = this.#vectors.progress
    const { url } = this.#client
    const progress = embedded < tools ? describeProgress(embedded, tools) : undefined
    const reason = this.#health.whyLost ?? progress
    return {
      status: reason === undefined ? 'ready' : 'not_ready',
      ...(reason && { reason }),
      url,
      model: this.#options.model,
      tools,
      embedded,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vectors[Symbol.asyncDispose]()
    await this.#client[Symbol.asyncDispose]()
  }

  async #vectorOf(query: string, dimensions: number, signal: AbortSignal): Promise<Float32Array | { reason: string }> {
    const known = this.#queries.get(query)
    // One of another model is not to be compared with.
    if (known?.length === dimensions) return this.#remember(query, known)
    try {
      const vector = await this.#client.embedOne(query, this.#options.queryTimeoutMs, signal)
      this.#vectors.checkDimensions(vector, dimensions)
      return this.#remember(query, vector)
    } catch (thrown) {
      if (signal.aborted) throw toCancellation(signal)
      const { message } = ServiceError.from(thrown)
      if (thrown instanceof TextRefused) return { reason: message }
      this.#health.failed(message)
      if (this.#catalog !== undefined) this.#vectors.refresh(this.#catalog)
      return { reason: message }
    }
  }

  #remember(query: string, vector: Float32Array): Float32Array {
    this.#queries.delete(query)
    this.#queries.set(query, vector)
    const { value: oldest } = this.#queries.keys().next()
    if (this.#queries.size > REMEMBERED_QUERIES && oldest !== undefined) this.#queries.delete(oldest)
    return vector
  }
}

function describeProgress(have: number, all: number): string {
  return `${have} of ${all} tools have been embedded so far.`
}
