import { ServiceError } from '../../shared/errors/service-error.ts'
import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import { readParams } from '../../shared/frames/read-params.ts'

/** Throws `invalid_request` where a list is asked for from a cursor: ours have one page, and no cursor was given. */
export function refuseCursor(frame: RequestFrame): void {
  if ((readParams(frame)['cursor'] ?? undefined) === undefined) return
  throw new ServiceError('invalid_request', 'Unknown cursor: the list has one page.')
}
