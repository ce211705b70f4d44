import { ServiceError } from '../../shared/errors/service-error.ts'
import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import { isJsonObject } from '../../shared/json-object.ts'

/** The params of a request that we answer ourselves; empty where there are none. */
export function readParams({ bytes, spans }: RequestFrame): Record<string, unknown> {
  const span = spans.get('params')
  const params: unknown = span === undefined ? undefined : JSON.parse(bytes.toString('utf8', span.start, span.end))
  return isJsonObject(params) ? params : {}
}

/** Throws `invalid_request` where a list is asked for from a cursor: ours have one page, and no cursor was given. */
export function refuseCursor(frame: RequestFrame): void {
  if (readParams(frame)['cursor'] === undefined) return
  throw new ServiceError('invalid_request', 'Unknown cursor: the list has one page.')
}
