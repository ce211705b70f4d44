import { isJsonObject } from '../json-object.ts'
import type { RequestFrame } from './frame-scan.ts'
import { valueAt } from './value-at.ts'

/** The params of a request that we answer ourselves; empty where there are none. */
export function readParams({ bytes, spans }: RequestFrame): Record<string, unknown> {
  const span = spans.get('params')
  const params = span && valueAt(bytes, span)
  return isJsonObject(params) ? params : {}
}
