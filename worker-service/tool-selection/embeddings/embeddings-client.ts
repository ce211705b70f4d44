import { ServiceError } from '../../../shared/errors/service-error.ts'
import { ApiClient, type ApiObserver } from '../upstream/api-client.ts'
import { type ApiSite, resolveApiSite } from '../upstream/api-site.ts'
import { CallDeadline } from '../upstream/call-deadline.ts'
import { type Refusal, readVectors } from './embedding-replies.ts'

/** How an OpenAI-compatible embeddings endpoint is reached. */
export interface EmbeddingsEndpoint {
  /** With or without the `/embeddings` that its API ends in. */
  url: string
  model: string
  /** Sent as `Authorization: Bearer …`. */
  apiKey: string | undefined
}

interface EmbeddingsClientOptions extends EmbeddingsEndpoint {
  observer: ApiObserver
}

const PATH = '/embeddings'
// A model on this machine's own processor takes seconds for a batch.
const TIMEOUT_MS = 30_000
// A batch of the longest vectors there are.
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024

/** Where the endpoint is, and what it is told of us. Throws `invalid_configuration` for what cannot be sent. */
export function resolveEmbeddingsSite({ url, apiKey }: EmbeddingsEndpoint): ApiSite {
  const variables = { url: 'EMBEDDINGS_URL', secret: 'OPENAI_API_KEY' }
  const baseUrl = url.replace(/\/embeddings\/*$/, '')
  const credentials = [{ header: 'authorization', scheme: 'Bearer', secret: apiKey, variable: variables.secret }]
  return resolveApiSite({ name: 'Embeddings endpoint', variables, baseUrl, credentials })
}

/** An endpoint that is well will not embed a text. */
export class TextRefused extends ServiceError {
  constructor(reason: string) {
    super('selector_failed', reason)
  }
}

/** Asks an endpoint for the vectors of texts. */
export class EmbeddingsClient implements AsyncDisposable {
  readonly #site: ApiSite
  readonly #client: ApiClient
  readonly #model: string

  /** Throws `invalid_configuration` for what cannot be sent. */
  constructor({ observer, ...endpoint }: EmbeddingsClientOptions) {
    this.#site = resolveEmbeddingsSite(endpoint)
    this.#model = endpoint.model
    const limits = { timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_RESPONSE_BYTES }
    this.#client = new ApiClient({ site: this.#site, ...limits, observer, random: Math.random })
  }

  /** Safe to show. */
  get url(): string {
    return this.#site.url
  }

  /** The vectors of some texts, each of length 1, or why the endpoint will not have them. Throws an ApiFailure, and the signal's reason. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[] | Refusal> {
    const { basePath, headers } = this.#site
    const body = JSON.stringify({ model: this.#model, input: texts, encoding_format: 'float' })
    const post = { method: 'POST' as const, path: basePath + PATH, headers, body }
    // Past the circuit: who asks knows better when to ask again.
    return this.#client.probe(post, (reply) => readVectors(reply, this.#site, texts.length), signal)
  }

  /** The vector of one text, within a deadline of its own. Throws as {@link embed} does, and where the text is refused. */
  async embedOne(text: string, timeoutMs: number, signal: AbortSignal): Promise<Float32Array> {
    using deadline = new CallDeadline(this.#site, timeoutMs, signal)
    const vectors = await this.embed([text], deadline.signal)
    if ('refused' in vectors) throw new TextRefused(vectors.refused)
    return vectors[0] as Float32Array
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }
}
