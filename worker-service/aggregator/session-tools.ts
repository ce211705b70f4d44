import { FIND_TOOLS_NAME } from '../../shared/contracts/find-tools-fields.ts'
import { refuseWithoutQuery, toToolResult } from '../../shared/contracts/find-tools-tool.ts'
import { CALL_TOOL_NAME, READ_RESULT_NAME } from '../../shared/contracts/own-tool-names.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { type RequestFrame, readString, scanFrame } from '../../shared/frames/frame-scan.ts'
import { replaceSpans, rewriteFrame } from '../../shared/frames/frame-write.ts'
import { readParams } from '../../shared/frames/read-params.ts'
import { toRaw } from '../../shared/frames/to-raw.ts'
import { valueAt } from '../../shared/frames/value-at.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { AttachingCaller } from '../tool-selection/attachments.ts'
import type { NamedItem } from '../tool-selection/client-names.ts'
import { type FindTools, toAnswerText } from '../tool-selection/find-tools.ts'
import { readWrappedCall } from './call-tool.ts'
import type { ClientHello } from './hello.ts'
import type { KeptResults } from './kept-results.ts'
import { misuseResult } from './misuse.ts'
import type { OfferedTools } from './offered-tools.ts'
import type { Outcome, ServerRequest } from './outcome.ts'
import { READ_RESULT_TOOL, readResult } from './read-result.ts'
import { refuseCursor } from './refuse-cursor.ts'
import type { LinkedServers } from './server-link.ts'
import { type ShorteningOptions, shortenResult } from './shorten-result.ts'

/** What the tools of a session come from. */
export interface SessionToolsParts {
  readonly servers: Pick<LinkedServers, 'check'>
  readonly offered: OfferedTools
  readonly findTools: FindTools
  readonly results: KeptResults
  /** The largest text of one result that a client is given at once, in bytes; 0 for any. */
  readonly maxResultBytes: (server: string) => number
  /** The MCP session to which found tools are attached. */
  readonly sessionId: string
  /** Called when the client holds a list of tools that is another now. */
  readonly listChanged: () => void
  /** Is told of what nobody foresaw. */
  readonly unexpected: (cause: unknown, method: string) => void
}

type Shortening = Pick<ShorteningOptions, 'isStructured' | 'knowsLinks'>

/** The tools of one client: those it is shown, and what its calls mean. */
export class SessionTools {
  readonly #parts: SessionToolsParts
  readonly #caller: AttachingCaller
  /** The list that the client holds and has not been told to renew. */
  #given: string | undefined
  /** Tools of our own that the client has a use for by now. */
  #further: readonly object[] = []

  constructor(parts: SessionToolsParts) {
    this.#parts = parts
    this.#caller = { kind: 'session', id: parts.sessionId }
  }

  /** Answers tools/list. */
  async list(frame: RequestFrame): Promise<string> {
    refuseCursor(frame)
    const list = await this.#parts.offered.list(this.#caller, this.#further)
    this.#given = list
    return list
  }

  /** Tells a client that holds a list, once, that it is another now. */
  async announceChange(): Promise<void> {
    const given = this.#given
    if (given === undefined) return
    const list = await this.#parts.offered.list(this.#caller, this.#further)
    if (this.#given !== given || list === given) return
    this.#given = undefined
    this.#parts.listChanged()
  }

  /** What comes of tools/call: our own answer, or the server to ask. */
  call(frame: RequestFrame, { knowsLinks }: ClientHello, signal: AbortSignal): Outcome | Promise<Outcome> {
    const name = readString(frame, 'params.name')
    switch (name) {
      case undefined:
        throw new ServiceError('invalid_request', 'The name of the tool is missing.')
      case FIND_TOOLS_NAME:
        return this.#find(frame, signal)
      case CALL_TOOL_NAME:
        return this.#callWrapped(frame, knowsLinks, signal)
      case READ_RESULT_NAME:
        return this.#readOn(readArguments(frame))
    }
    const known = this.#parts.offered.byName(name)
    if (known === undefined) return this.#callUnnamed(frame, { name, knowsLinks }, signal)
    const isStructured = known.definition['outputSchema'] !== undefined
    return this.#request(known.server, withToolName(frame, name, known), { isStructured, knowsLinks })
  }

  /** The text of a result that was kept for this client; undefined where there is none of this id. */
  readResult(id: string): string | undefined {
    return this.#parts.results.read(this.#parts.sessionId, id)
  }

  async #find(frame: RequestFrame, signal: AbortSignal): Promise<string> {
    const input = readArguments(frame)
    const refusal = refuseWithoutQuery(input)
    if (refusal !== undefined) return refusal
    const { findTools, sessionId } = this.#parts
    const outcome = await findTools(input, { agentHeader: undefined, session: sessionId }, signal)
    // Before the answer, so that who reads it knows already that the list is old.
    if (outcome.kind === 'answer') await this.announceChange()
    return toToolResult({ source: 'worker', body: toAnswerText(outcome) })
  }

  #readOn(input: Readonly<Record<string, unknown>>): string {
    try {
      return readResult(input, (id) => this.readResult(id))
    } catch (thrown) {
      return misuseResult(thrown)
    }
  }

  async #callWrapped(frame: RequestFrame, knowsLinks: boolean, signal: AbortSignal): Promise<Outcome> {
    try {
      const call = readWrappedCall(frame)
      const { server, name } = await this.#resolve(call.tool, signal)
      this.#parts.servers.check(server)
      return this.#request(server, call.unwrap(name), { isStructured: false, knowsLinks })
    } catch (thrown) {
      return misuseResult(thrown)
    }
  }

  async #callUnnamed(
    frame: RequestFrame,
    { name, knowsLinks }: { name: string; knowsLinks: boolean },
    signal: AbortSignal,
  ): Promise<ServerRequest> {
    const tool = await this.#resolve(name, signal)
    return this.#request(tool.server, withToolName(frame, name, tool), { isStructured: false, knowsLinks })
  }

  #request(server: string, bytes: Buffer, shortening: Shortening): ServerRequest {
    const maxBytes = this.#parts.maxResultBytes(server)
    if (maxBytes === 0) return { server, bytes }
    return { server, bytes, toClient: (answer) => this.#shorten(answer, { ...shortening, maxBytes }) }
  }

  #shorten(bytes: Buffer, shortening: Shortening & { readonly maxBytes: number }): Buffer {
    if (bytes.length <= shortening.maxBytes) return bytes
    const answer = scanFrame(bytes)
    const span = answer.kind === 'answer' ? answer.spans.get('result') : undefined
    if (span === undefined || span.end - span.start <= shortening.maxBytes) return bytes
    const result = valueAt(bytes, span)
    const { results, sessionId } = this.#parts
    const keep = (text: string) => results.keep(sessionId, text)
    const shortened = isJsonObject(result) ? shortenResult(result, { ...shortening, keep }) : undefined
    if (shortened === undefined) return bytes
    this.#showReadResult()
    return replaceSpans(bytes, [{ span, raw: toRaw(shortened) }])
  }

  // It is of no use before there is something to read.
  #showReadResult(): void {
    if (this.#further.length > 0) return
    this.#further = [READ_RESULT_TOOL]
    this.announceChange().catch((thrown: unknown) => this.#parts.unexpected(thrown, 'tools/list'))
  }

  #resolve(text: string, signal: AbortSignal): Promise<NamedItem> {
    return this.#parts.offered.resolve(text, this.#caller, signal)
  }
}

function withToolName(frame: RequestFrame, called: string, { name }: NamedItem): Buffer {
  return name === called ? frame.bytes : rewriteFrame(frame, { 'params.name': toRaw(name) })
}

function readArguments(frame: RequestFrame): Record<string, unknown> {
  const { arguments: input = {} } = readParams(frame)
  if (isJsonObject(input)) return input
  throw new ServiceError('invalid_request', 'The arguments are not an object.')
}
