import { type NotificationFrame, readToken, scanFrame } from '../../../../shared/frames/frame-scan.ts'
import { outlineAnswer } from '../../../../shared/frames/outline-answer.ts'
import { outerNames } from '../outer-names.ts'

/** What a frame of ours is, as far as a transport must know. Requests of ours have whole numbers as ids. */
export type FrameOutline =
  | { kind: 'request'; id: number | undefined; method: string }
  | { kind: 'notification'; method: string; cancels: number | undefined }
  | { kind: 'answer' }

/** Tells a frame of ours by its outer members; what is no JSON-RPC message counts as an answer, to which nothing comes back. */
export function outlineFrame(bytes: Buffer): FrameOutline {
  const frame = scanFrame(bytes)
  switch (frame.kind) {
    case 'request':
      return { kind: 'request', id: numberOf(frame.id.value), method: frame.method }
    case 'notification':
      return { kind: 'notification', method: frame.method, cancels: cancelledId(frame) }
    case 'answer':
    case 'unusable':
      return { kind: 'answer' }
  }
}

function cancelledId(frame: NotificationFrame): number | undefined {
  const isCancel = frame.method === 'notifications/cancelled'
  return isCancel ? numberOf(readToken(frame, 'params.requestId')?.value) : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Whether a frame of a server answers the request with this id. */
export function answersTo(frame: Buffer, id: number): boolean {
  const outline = outlineAnswer(frame) ?? scanFrame(frame)
  return outline.kind === 'answer' && outline.id.value === id
}

/** Whether a frame of a server answers a request, rather than asking or telling something. */
export function isAnswer(frame: Buffer): boolean {
  for (const name of outerNames(frame)) {
    if (name === 'result' || name === 'error') return true
    if (name === 'method') return false
  }
  return false
}
