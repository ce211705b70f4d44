import type { Caller, FindToolsSuccess } from '../../../shared/contracts/find-tools.ts'
import { SESSION_HEADER } from '../../../shared/contracts/find-tools-fields.ts'
import type { FindToolsRequest } from '../../../shared/contracts/find-tools-request.ts'
import type { SearchResult } from '../../../shared/contracts/selector-api.ts'
import { SELECTOR_PATHS } from '../../../shared/contracts/selector-paths.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { SelectorCheck, ToolSelector } from '../tool-selector.ts'
import { ApiClient, type ApiObserver } from '../upstream/api-client.ts'
import { type ApiSite, isSendable } from '../upstream/api-site.ts'
import type { ApiReply, ApiRequest } from '../upstream/exchange.ts'
import { resolveSelectorSite } from './selector-site.ts'
import { readAttachReply, readHealthReply, readSearchReply } from './tool-replies.ts'

/** How an external tool-selector API is reached. */
export interface ApiSelectorOptions {
  /** `http://` or `https://`, with a path where the API is mounted below one. */
  baseUrl: string
  /** The deadline of one call, in milliseconds. */
  timeoutMs: number
  /** Sent as `Authorization: Bearer …`. */
  token?: string | undefined
  /** Sent as `X-BARE-PASSWORD: password …`. */
  lettaPassword?: string | undefined
  /** The longest reply that is read; 8 MiB by default. */
  maxResponseBytes?: number
  observer: ApiObserver
  /** From 0 up to 1: spreads retries. */
  random?: () => number
}

const DEFAULT_MAX_RESPONSE_BYTES = 8 * 1024 * 1024

// Where the original API has its health, where it has it not under /api/v1.
const OLD_HEALTH_PATH = '/api/health'

/** A selector that asks a tool-selector API over kept-alive connections. Throws `invalid_configuration` for options that cannot be sent. */
export function createApiSelector(options: ApiSelectorOptions): ToolSelector {
  return new ApiSelector(options)
}

class ApiSelector implements ToolSelector {
  readonly #site: ApiSite
  readonly #client: ApiClient

  constructor(options: ApiSelectorOptions) {
    const { timeoutMs, observer, maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES, random = Math.random } = options
    this.#site = resolveSelectorSite(options)
    this.#client = new ApiClient({ site: this.#site, timeoutMs, maxResponseBytes, observer, random })
  }

  async attach(request: FindToolsRequest, caller: Caller, signal: AbortSignal): Promise<FindToolsSuccess> {
    const agentId = caller.kind === 'agent' ? caller.id : null
    const post = this.#post(SELECTOR_PATHS.attach, toAttachBody(request, agentId))
    if (caller.kind === 'session') post.headers = [...post.headers, SESSION_HEADER, sendableSession(caller.id)]
    return this.#client.call(post, (reply) => readAttachReply(reply, this.#site, agentId), signal)
  }

  search(query: string, limit: number, signal: AbortSignal): Promise<SearchResult[]> {
    const post = this.#post(SELECTOR_PATHS.search, { query, limit })
    return this.#client.call(post, (reply) => readSearchReply(reply, this.#site, limit), signal)
  }

  async check(signal: AbortSignal): Promise<SelectorCheck> {
    const read = (reply: ApiReply) => readHealthReply(reply, this.#site)
    const readUnlessMissing = (reply: ApiReply) => (reply.status === 404 ? undefined : read(reply))
    const check = await this.#client.probe(this.#get(SELECTOR_PATHS.health), readUnlessMissing, signal)
    return check ?? this.#client.probe(this.#get(OLD_HEALTH_PATH), read, signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }

  #post(path: string, body: unknown): ApiRequest {
    const { basePath, headers } = this.#site
    return { method: 'POST', path: basePath + path, headers, body: JSON.stringify(body) }
  }

  #get(path: string): ApiRequest {
    const { basePath, headers } = this.#site
    return { method: 'GET', path: basePath + path, headers }
  }
}

// The original API knows neither `detailed_response` nor `compact`, so that they are sent only where they were asked for.
function toAttachBody(request: FindToolsRequest, agentId: string | null) {
  const { query, limit, min_score, keep_tools, request_heartbeat, detailed_response, compact } = request
  return {
    ...(query === null ? {} : { query }),
    ...(agentId === null ? {} : { agent_id: agentId }),
    limit,
    min_score,
    keep_tools,
    request_heartbeat,
    ...(detailed_response ? { detailed_response } : {}),
    ...(compact ? { compact } : {}),
  }
}

function sendableSession(id: string): string {
  if (isSendable(id)) return id
  throw new ServiceError('invalid_request', `${SESSION_HEADER} holds a character that cannot stand in an HTTP header.`)
}
