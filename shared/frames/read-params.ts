import { isJsonObject } from '../json-object.ts'
import type { RequestFrame } from './frame-scan.ts'

/** The params of a request that we answer ourselves; empty where there are none. */
export function readParams({ bytes, spans }: RequestFrame): Record<string, unknown> {
  const span = spans.get('params')
  const params: unknown = span === undefined ? undefined : JSON.parse(bytes.toString('utf8', span.start, span.end))
  return isJsonObject(params) ? params : {}
}
