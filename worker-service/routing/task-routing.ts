import { type AnswerFrame, MAX_TOKEN_BYTES, type RequestFrame, readString } from '../../shared/frames/frame-scan.ts'
import { resultFrame } from '../../shared/frames/frame-write.ts'
import { valueAt } from '../../shared/frames/value-at.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { Client, ClientCall } from './client.ts'
import type { RouterState } from './router-state.ts'

const ABOUT_A_TASK: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'tasks/cancel'])

/** Keeps in mind whose the task is that an answer says was begun. */
export function noteTask(state: RouterState, call: ClientCall, answer: AnswerFrame): void {
  if (!call.asTask || answer.failed) return
  const { task } = readResult(answer)
  const id = isJsonObject(task) ? task.taskId : undefined
  if (typeof id !== 'string' || id.length > MAX_TOKEN_BYTES) return
  const { client, requestId, progressToken } = call
  state.tasks.add({ kind: 'task', id, client, requestId, progressToken })
}

/** Whether a request of a client names no task but its own. */
export function namesOwnTask({ tasks }: RouterState, client: Client, frame: RequestFrame): boolean {
  const taskId = readString(frame, ABOUT_A_TASK.has(frame.method) ? 'params.taskId' : 'params._meta.relatedTask.taskId')
  return taskId === undefined || tasks.ownerOf(taskId) === client
}

/** The answer to a client's tasks/list, in which a server that knows of one client lists the tasks of all: its own are left in it. */
export function listOwnTasks({ tasks }: RouterState, { client, id }: ClientCall, answer: AnswerFrame): Buffer {
  const result = readResult(answer)
  const listed = Array.isArray(result.tasks) ? result.tasks : []
  const own = listed.filter((task) => isJsonObject(task) && tasks.ownerOf(String(task.taskId)) === client)
  return resultFrame(id.raw, JSON.stringify({ ...result, tasks: own }))
}

function readResult({ bytes, spans }: AnswerFrame): Record<string, unknown> {
  const span = spans.get('result')
  const result = span && valueAt(bytes, span)
  return isJsonObject(result) ? result : {}
}
