import { scanFrame } from '../../../shared/frames/frame-scan.ts'
import type { LineEnds } from '../../../shared/line-splitter.ts'
import type { AnsweredRequestId } from '../../routing/failed-calls.ts'
import { outerNames } from './outer-names.ts'

// The last member of a frame: the brace behind it closes the frame itself. Many servers write the id there.
const LAST_ID = /[{,]\s*"id"\s*:\s*(\d{1,15})\s*\}\s*$/

/** Tells from the ends of a frame that was not kept which request of ours it answered. */
export function requestAnsweredBy({ beginning, end }: LineEnds): AnsweredRequestId {
  const names = new Set(outerNames(beginning))
  if (names.has('method')) return 'none'
  if (!names.has('result') && !names.has('error')) return 'unknown'
  const frame = scanFrame(beginning)
  const id = frame.kind === 'unusable' ? frame.id?.value : undefined
  return typeof id === 'number' ? id : lastId(end)
}

function lastId(end: Buffer): AnsweredRequestId {
  const [, digits] = LAST_ID.exec(end.toString('latin1')) ?? []
  return digits === undefined ? 'unknown' : Number(digits)
}
