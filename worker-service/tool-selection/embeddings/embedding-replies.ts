import { isJsonObject } from '../../../shared/json-object.ts'
import { ApiFailure, replyFailure } from '../upstream/api-failure.ts'
import type { ApiSite } from '../upstream/api-site.ts'
import type { ApiReply } from '../upstream/exchange.ts'
import { readReply } from '../upstream/json-reply.ts'

/** What an endpoint says of texts that it will not embed: mostly that they are too long, or of a model that it does not have. */
export interface Refusal {
  refused: string
}

const REFUSING = new Set([400, 413, 422])
// Twice what the largest models of today give.
const MAX_DIMENSIONS = 8_192

/**
 * The vectors of `count` texts, in the order of the texts, each of length 1 and all of the same number of dimensions; or why it
 * will not have them. Throws an ApiFailure that says what else is wrong with the reply.
 */
export function readVectors(reply: ApiReply, site: ApiSite, count: number): Float32Array[] | Refusal {
  const body = readUnlessRefused(reply, site)
  if (body instanceof ApiFailure) return { refused: body.message }
  const items: unknown = isJsonObject(body) ? body.data : undefined
  if (!Array.isArray(items)) throw replyFailure(site, 'answered without a list of vectors.')
  if (items.length !== count) {
    throw replyFailure(
      site,
      `answered with a number of vectors, ${items.length}, that is not that of the texts, ${count}.`,
    )
  }
  const vectors = inOrder(items, site).map((values) => toUnitVector(values, site))
  const [first] = vectors
  if (vectors.some(({ length }) => length !== first?.length)) {
    throw replyFailure(site, 'answered with vectors of different lengths.')
  }
  return vectors
}

function readUnlessRefused(reply: ApiReply, site: ApiSite): unknown {
  try {
    return readReply(reply, site)
  } catch (thrown) {
    if (thrown instanceof ApiFailure && REFUSING.has(reply.status)) return thrown
    throw thrown
  }
}

// The API numbers its vectors; servers that do not give them in order.
function inOrder(items: readonly unknown[], site: ApiSite): unknown[] {
  const numbered = new Map<unknown, unknown>()
  items.forEach((item, place) => {
    const { index = place, embedding } = isJsonObject(item) ? item : {}
    numbered.set(index, embedding)
  })
  return items.map((_, place) => {
    if (numbered.has(place)) return numbered.get(place)
    throw replyFailure(site, 'answered with vectors that are not numbered as the texts are.')
  })
}

function toUnitVector(values: unknown, site: ApiSite): Float32Array {
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_DIMENSIONS) {
    throw replyFailure(site, `answered with something other than vectors of 1 to ${MAX_DIMENSIONS} numbers.`)
  }
  if (!values.every((value) => typeof value === 'number')) {
    throw replyFailure(site, 'answered with a vector that holds something other than numbers.')
  }
  const length = Math.hypot(...values)
  if (!(length > 0 && length < Infinity)) throw replyFailure(site, 'answered with a vector that has no direction.')
  const vector = new Float32Array(values.length)
  values.forEach((value, place) => {
    vector[place] = value / length
  })
  return vector
}
