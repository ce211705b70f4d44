import { isUtf8 } from 'node:buffer'
import { MAX_JSON_NESTING, nestsDeeperThan } from '../../../shared/json-nesting.ts'
import { isJsonObject } from '../../../shared/json-object.ts'
import { parseRetryAfter } from '../../../shared/retry-after.ts'
import { type ApiFailure, replyFailure } from './api-failure.ts'
import type { ApiSite } from './api-site.ts'
import type { ApiReply, ReplyHeaders } from './exchange.ts'
import { quoteUpstream } from './upstream-text.ts'

/** The longest wait that a `Retry-After` of an API may ask of our callers, in milliseconds. */
const MAX_RETRY_AFTER_MS = 60_000

/** The JSON of a reply with a 2xx status. Throws a ApiFailure that says what else came, and what may be wrong. */
export function readReply(reply: ApiReply, site: ApiSite): unknown {
  if (reply.status < 200 || reply.status >= 300) throw toStatusFailure(reply, site)
  const json = parseJson(reply.body)
  if (json.ok) return json.value
  const mediaType = notJson(reply.headers)
  if (mediaType === undefined) throw replyFailure(site, `answered ${reply.status} with ${json.problem}.`)
  throw replyFailure(
    site,
    `answered ${reply.status} with ${mediaType} instead of JSON; is ${site.variables.url} right?`,
  )
}

/** A refusal that the API wrote itself (`{success: false, error}`), quoted where it is fit to be. */
export function toRefusal(body: unknown, status: number, site: ApiSite): ApiFailure {
  return replyFailure(site, `answered ${status}${quoteRefusal(body, site) ?? ' and did not say why'}.`)
}

type ParsedJson = { ok: true; value: unknown } | { ok: false; problem: string }

function parseJson(body: Buffer): ParsedJson {
  if (body.length === 0) return { ok: false, problem: 'an empty body' }
  if (!isUtf8(body)) return { ok: false, problem: 'text that is not UTF-8' }
  if (nestsDeeperThan(MAX_JSON_NESTING, body)) {
    return { ok: false, problem: `JSON nested deeper than ${MAX_JSON_NESTING} levels` }
  }
  try {
    return { ok: true, value: JSON.parse(body.toString('utf8')) }
  } catch {
    return { ok: false, problem: 'JSON that is cut off or malformed' }
  }
}

// Asked only of what is no JSON: frameworks label good JSON as text/html when a handler returns it as a string.
function notJson(headers: ReplyHeaders): string | undefined {
  const mediaType =
    String(headers['content-type'] ?? '')
      .split(';', 1)[0]
      ?.trim()
      .toLowerCase() ?? ''
  if (mediaType === '' || /[/+]json$/.test(mediaType)) return undefined
  return /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,60}$/.test(mediaType) ? mediaType : 'something'
}

function toStatusFailure(reply: ApiReply, site: ApiSite): ApiFailure {
  const { status, headers } = reply
  if (status >= 300 && status < 400) {
    return replyFailure(site, `answered ${status}, a redirect that is not followed; is ${site.variables.url} right?`)
  }
  const json = parseJson(reply.body)
  const quote = json.ok ? quoteRefusal(json.value, site) : undefined
  const variable = VARIABLE_BY_STATUS[status]
  const end = variable === undefined ? '.' : `; is ${site.variables[variable]} right?`
  const retryAfterMs =
    status === 429 || status === 503
      ? parseRetryAfter(headers['retry-after']?.toString(), MAX_RETRY_AFTER_MS)
      : undefined
  return replyFailure(
    site,
    `answered ${status}${quote ?? ''}${end}`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  )
}

const VARIABLE_BY_STATUS: Readonly<Record<number, keyof ApiSite['variables']>> = {
  401: 'secret',
  403: 'secret',
  404: 'url',
  405: 'url',
}

// Continues "answered 500".
function quoteRefusal(body: unknown, site: ApiSite): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { error, message, detail } = body as Record<string, unknown>
  const nested = isJsonObject(error) ? error.message : undefined
  const text = [error, nested, message, detail].find((member) => typeof member === 'string')
  const quote = text === undefined ? undefined : quoteUpstream(text, site.secrets)
  return quote === undefined ? undefined : `: "${quote}"`
}
