import { METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import type { AnswerFrame } from '../../shared/frames/frame-scan.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { endWithFailure } from './call-ends.ts'
import type { RouterCall } from './call-table.ts'
import { askServer } from './router-calls.ts'
import type { RouterState } from './router-state.ts'

/**
 * Whether the tools that the connected server lists were looked at, where none may be called before:
 *
 *     due ──a call waits──▶ asking ──last page──▶ done
 *      ▲                      │                    │
 *      └──no list came────────┴──they may be others┘
 */
export type ToolCheck =
  /** `inVain`: how often in a row the server was asked and said meanwhile that its list has changed. */
  | { readonly name: 'due'; readonly inVain?: number }
  /** `requestId` asks for the next page; `isOutdated`: the list has changed meanwhile, so that this one does not count. */
  | ({ readonly name: 'asking'; readonly requestId: number; readonly isOutdated: boolean } & Asked)
  | { readonly name: 'done' }

interface Asked {
  /** How many pages came already. */
  readonly pages: number
  readonly inVain: number
}

/** Looks at the tools that a server lists, for those who may call them. */
export interface ToolInspector {
  /** Whether no tool may be called before. */
  isNeeded(): boolean
  /** Takes one page of a list, JSON text of the result; returns the cursor of the next one, where there is one. */
  inspect(page: Buffer, place: { readonly isFirst: boolean }): string | undefined
}

/** What waits for the check. */
export const CALL = 'tools/call'

const NO_TOOLS = Buffer.from('{"tools":[]}')
const MAX_PAGES = 1_000
// Calls of one that says so without end would never be made: in the end what it lists is taken for what it has.
const MAX_IN_VAIN = 3

/** Whether calls of tools must wait; the server is asked for its list then. To be asked where one waits. */
export function mustCheckTools(state: RouterState): boolean {
  const { inspector } = state.options
  if (inspector?.isNeeded() !== true || state.toolCheck.name === 'done') return false
  if (state.toolCheck.name === 'due') ask(state, { pages: 0, inVain: state.toolCheck.inVain ?? 0 })
  return true
}

/** The tools of the server may be others from now on. */
export function renewToolCheck(state: RouterState): void {
  const { toolCheck } = state
  if (toolCheck.name === 'asking') state.toolCheck = { ...toolCheck, isOutdated: true }
  else if (toolCheck.name === 'done') state.toolCheck = { name: 'due' }
}

/** Takes the server's answer to a request of this check. Returns whether it was one. */
export function settleToolCheck(state: RouterState, call: RouterCall, answer: AnswerFrame): boolean {
  const { toolCheck, options } = state
  if (toolCheck.name !== 'asking' || toolCheck.requestId !== call.requestId) return false
  const { isOutdated, pages, inVain } = toolCheck
  const page = pageIn(answer)
  if (isOutdated && inVain < MAX_IN_VAIN) state.toolCheck = { name: 'due', inVain: inVain + 1 }
  else if (page === undefined) failToolCheck(state, call, 'it answered with an error.')
  else {
    const cursor = options.inspector?.inspect(page, { isFirst: pages === 0 })
    if (cursor === undefined) state.toolCheck = { name: 'done' }
    else if (pages + 1 < MAX_PAGES) ask(state, { pages: pages + 1, inVain }, cursor)
    else failToolCheck(state, call, `its list has over ${MAX_PAGES} pages.`)
  }
  return true
}

/** A request of this check, if it was one, came to nothing: so do the calls that wait for it. */
export function failToolCheck(state: RouterState, { requestId }: RouterCall, why: string): void {
  if (state.toolCheck.name !== 'asking' || state.toolCheck.requestId !== requestId) return
  state.toolCheck = { name: 'due' }
  const message = `server "${state.options.server}": its tools are looked at before they are called, and it did not list them: ${why}`
  const failure = { code: 'server_unavailable', message, delivered: 'no' } as const
  for (const call of state.calls.waitingFor(CALL)) endWithFailure(state, call, { outcome: 'failed', failure })
}

/** The page that an answer has; an empty one of a server that knows no list. */
function pageIn({ bytes, spans, failed }: AnswerFrame): Buffer | undefined {
  const span = spans.get('result')
  if (!failed && span !== undefined) return bytes.subarray(span.start, span.end)
  const { error }: { error?: unknown } = JSON.parse(bytes.toString('utf8'))
  return isJsonObject(error) && error.code === METHOD_NOT_FOUND ? NO_TOOLS : undefined
}

function ask(state: RouterState, asked: Asked, cursor?: string): void {
  const requestId = askServer(state, 'tools/list', cursor === undefined ? undefined : { cursor })
  state.toolCheck = { name: 'asking', requestId, isOutdated: false, ...asked }
}
