import { fromErrorBody } from '../shared/contracts/error-body.ts'
import { deadlineAfter } from '../shared/deadline.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { type RequestFrame, scanFrame } from '../shared/frames/frame-scan.ts'
import { rewriteFrame } from '../shared/frames/frame-write.ts'
import { parseJson } from '../shared/parse-json.ts'
import type { OneShotFallback } from './one-shot-fallback.ts'

/** Answers a request, with the frame for its client; undefined when the worker is back and may. */
export type AnswerRequest = (request: RequestFrame, signal: AbortSignal) => Promise<Buffer | undefined>

/** Requests that are the same but for their ids share one answer. */
const SHARED_ID = '0'

/** Has requests answered by one-shots, each within `timeoutMs`. Throws what a one-shot failed with, or the signal's reason. */
export function createOneShotAnswers(fallback: Pick<OneShotFallback, 'askFrame'>, timeoutMs: number): AnswerRequest {
  return async (request, signal) => {
    const late = new ServiceError('timeout', `${request.method} took longer than ${timeoutMs} ms.`)
    using deadline = deadlineAfter(timeoutMs, late)
    const asked = rewriteFrame(request, { id: SHARED_ID }).toString()
    const outcome = await fallback.askFrame(asked, deadline.signal, signal)
    return outcome.kind === 'recalled' ? undefined : toAnswer(outcome.value, request)
  }
}

function toAnswer(line: string, { id }: RequestFrame): Buffer {
  const frame = scanFrame(Buffer.from(line))
  if (frame.kind === 'answer') return rewriteFrame(frame, { id: id.raw })
  throw fromErrorBody(parseJson(line)) ?? new ServiceError('internal', 'The one-shot gave something that is no answer.')
}
