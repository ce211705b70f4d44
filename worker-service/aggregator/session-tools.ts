import { FIND_TOOLS_NAME } from '../../shared/contracts/find-tools-fields.ts'
import { refuseWithoutQuery, toToolResult } from '../../shared/contracts/find-tools-tool.ts'
import { CALL_TOOL_NAME } from '../../shared/contracts/own-tool-names.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { type RequestFrame, readString } from '../../shared/frames/frame-scan.ts'
import { rewriteFrame } from '../../shared/frames/frame-write.ts'
import { toRaw } from '../../shared/frames/to-raw.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { AttachingCaller } from '../tool-selection/attachments.ts'
import type { NamedItem } from '../tool-selection/client-names.ts'
import { type FindTools, toAnswerText } from '../tool-selection/find-tools.ts'
import { readWrappedCall } from './call-tool.ts'
import type { OfferedTools } from './offered-tools.ts'
import type { Outcome, ServerRequest } from './outcome.ts'
import { readParams, refuseCursor } from './read-params.ts'

/** What the tools of a session come from. */
export interface SessionToolsParts {
  readonly offered: OfferedTools
  readonly findTools: FindTools
  /** To whom found tools are attached where no agent is named. */
  readonly sessionId: string
  /** Called when the client holds a list of tools that is another now. */
  readonly listChanged: () => void
}

/** The tools of one client: those it is shown, and what its calls mean. */
export class SessionTools {
  readonly #parts: SessionToolsParts
  readonly #session: AttachingCaller
  /** To whom the client had tools attached last. */
  #caller: AttachingCaller
  /** The list that the client holds and has not been told to renew. */
  #given: string | undefined

  constructor(parts: SessionToolsParts) {
    this.#parts = parts
    this.#session = { kind: 'session', id: parts.sessionId }
    this.#caller = this.#session
  }

  /** Answers tools/list. */
  async list(frame: RequestFrame): Promise<string> {
    refuseCursor(frame)
    const list = await this.#parts.offered.list(this.#caller)
    this.#given = list
    return list
  }

  /** Tells a client that holds a list, once, that it is another now. */
  async announceChange(): Promise<void> {
    const given = this.#given
    if (given === undefined) return
    const list = await this.#parts.offered.list(this.#caller)
    if (this.#given !== given || list === given) return
    this.#given = undefined
    this.#parts.listChanged()
  }

  /** What comes of tools/call: our own answer, or the server to ask. */
  call(frame: RequestFrame, signal: AbortSignal): Outcome | Promise<Outcome> {
    const name = readString(frame, 'params.name')
    if (name === undefined) throw new ServiceError('invalid_request', 'The name of the tool is missing.')
    if (name === FIND_TOOLS_NAME) return this.#find(frame, signal)
    if (name === CALL_TOOL_NAME) return this.#callWrapped(frame, signal)
    const known = this.#parts.offered.byName(name)
    if (known !== undefined) return toServerRequest(frame, name, known)
    return this.#resolve(name, signal).then((tool) => toServerRequest(frame, name, tool))
  }

  async #find(frame: RequestFrame, signal: AbortSignal): Promise<string> {
    const { arguments: input = {} } = readParams(frame)
    if (!isJsonObject(input)) throw new ServiceError('invalid_request', 'The arguments are not an object.')
    const refusal = refuseWithoutQuery(input)
    if (refusal !== undefined) return refusal
    const { findTools, sessionId } = this.#parts
    const outcome = await findTools(input, { agentHeader: undefined, session: sessionId }, signal)
    if (outcome.kind === 'answer') {
      const { agent_id: agent } = input
      this.#caller = typeof agent === 'string' && agent !== '' ? { kind: 'agent', id: agent } : this.#session
      // Before the answer, so that who reads it knows already that the list is old.
      await this.announceChange()
    }
    return toToolResult({ source: 'worker', body: toAnswerText(outcome) })
  }

  async #callWrapped(frame: RequestFrame, signal: AbortSignal): Promise<ServerRequest> {
    const call = readWrappedCall(frame)
    const { server, name } = await this.#resolve(call.tool, signal)
    return { server, bytes: call.unwrap(name) }
  }

  #resolve(text: string, signal: AbortSignal): Promise<NamedItem> {
    return this.#parts.offered.resolve(text, this.#caller, signal)
  }
}

function toServerRequest(frame: RequestFrame, called: string, { server, name }: NamedItem): ServerRequest {
  return { server, bytes: name === called ? frame.bytes : rewriteFrame(frame, { 'params.name': toRaw(name) }) }
}
