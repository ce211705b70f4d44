import { readString, type Scanned } from '../../shared/frames/frame-scan.ts'
import type { Client } from './client.ts'
import type { RouterState } from './router-state.ts'

/**
 * The client that a frame of the server belongs to where that can be told from the frame: from the task it is about, or from the request
 * of ours on whose stream it came (`relatedTo`). `gone` where the task or the request is known no more, `unsaid` where there is neither.
 */
export function belongsTo(
  state: RouterState,
  frame: Scanned,
  relatedTo: number | undefined,
): Client | 'gone' | 'unsaid' {
  const taskId = readString(frame, 'params._meta.relatedTask.taskId')
  const owner = taskId === undefined ? undefined : state.tasks.ownerOf(taskId)
  if (owner !== undefined) return owner
  const call = relatedTo === undefined ? undefined : state.calls.get(relatedTo)
  if (call?.kind === 'client') return call.client
  const isSaid = taskId !== undefined || (relatedTo !== undefined && call === undefined)
  return isSaid ? 'gone' : 'unsaid'
}
