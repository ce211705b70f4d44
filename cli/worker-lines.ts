import { describeStart, type FoundWorker } from '../shared/start-worker.ts'
import type { StoppedWorker } from '../shared/stop-worker.ts'
import { describeWorker } from '../shared/worker-record.ts'
import { toSentence } from './output/sentence.ts'

/** How a worker came about that was asked for, as sentences. */
export function startedLine(found: FoundWorker): string {
  const news = describeStart(found)
  if (found.how === 'started') return toSentence(news ?? '')
  const who = found.record === undefined ? '' : `: ${describeWorker(found.record)}`
  return [`The worker runs already${who}.`, ...(news === undefined ? [] : [toSentence(news)])].join(' ')
}

/** What became of a worker that was to end, as a sentence. */
export function stoppedLine(stopped: StoppedWorker): string {
  if (stopped.how === 'none') return 'No worker runs.'
  const who = stopped.record === undefined ? '' : ` (process ${stopped.record.pid})`
  return stopped.how === 'ended' ? `Ended the worker${who}.` : `Killed the worker${who}, which did not answer.`
}
