import type { FailedAttachment } from '../../../shared/contracts/find-tools.ts'
import type { AttachingCaller, AttachmentChange, Attachments, WantedAttachments } from '../attachments.ts'
import { fromItemId, toItemId } from '../client-names.ts'
import type { ApiObserver } from '../upstream/api-client.ts'
import { ApiFailure } from '../upstream/api-failure.ts'
import type { ApiSite } from '../upstream/api-site.ts'
import { CallDeadline } from '../upstream/call-deadline.ts'
import { LettaClient, type LettaSiteOptions, type LettaTool, resolveLettaSite } from './letta-client.ts'
import { planAttachments } from './plan-attachments.ts'

/** How tools are attached to the agents of a Letta server. */
export interface LettaAttachmentsOptions extends LettaSiteOptions {
  /** How many tools of MCP servers an agent is left with at least. */
  minMcpTools: number
  /** Names of tools that are never detached, to the letter. */
  neverDetach: readonly string[]
  /** The deadline of one change, all its requests included, in milliseconds. */
  timeoutMs: number
  /** Where it is recorded what was attached to whom; sessions have theirs there alone. */
  records: Attachments
  observer: ApiObserver
}

const MAX_RESPONSE_BYTES = 32 * 1024 * 1024

/** Attaches tools to the agents of a Letta server. Throws `invalid_configuration` for options that cannot be sent. */
export function createLettaAttachments(options: LettaAttachmentsOptions): Attachments & AsyncDisposable {
  return new LettaAttachments(options)
}

class LettaAttachments implements Attachments, AsyncDisposable {
  readonly #options: LettaAttachmentsOptions
  readonly #site: ApiSite
  readonly #letta: LettaClient
  /** The end of the last change of each agent that has one under way: a second one would not see what it attaches. */
  readonly #changing = new Map<string, Promise<unknown>>()

  constructor(options: LettaAttachmentsOptions) {
    const { timeoutMs, observer } = options
    this.#options = options
    this.#site = resolveLettaSite(options)
    this.#letta = new LettaClient({
      site: this.#site,
      timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      observer,
      random: Math.random,
    })
  }

  of(caller: AttachingCaller): Promise<string[]> {
    return this.#options.records.of(caller)
  }

  async replace(caller: AttachingCaller, wanted: WantedAttachments, signal: AbortSignal): Promise<AttachmentChange> {
    const { records, timeoutMs } = this.#options
    if (caller.kind === 'session') return records.replace(caller, wanted, signal)
    using deadline = new CallDeadline(this.#site, timeoutMs, signal)
    const change = await this.#inTurn(caller.id, () => this.#change(caller.id, wanted, deadline.signal))
    const failed = new Set(change.failed.map(({ tool_id }) => tool_id))
    const found = wanted.found.filter((id) => !failed.has(id))
    if (found.length > 0) await records.replace(caller, { ...wanted, found }, signal)
    return change
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#letta[Symbol.asyncDispose]()
  }

  async #inTurn<Result>(agent: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#changing.get(agent) ?? Promise.resolve()
    const result = before.then(work)
    // How it ends is its own caller's concern.
    const ended = result.catch(() => {})
    this.#changing.set(agent, ended)
    try {
      return await result
    } finally {
      if (this.#changing.get(agent) === ended) this.#changing.delete(agent)
    }
  }

  // Attached first: what goes wrong in between leaves the agent with more tools than it needs, not with fewer.
  async #change(agent: string, wanted: WantedAttachments, signal: AbortSignal): Promise<AttachmentChange> {
    const [attached, resolved] = await Promise.all([
      this.#letta.toolsOf(agent, signal),
      Promise.all(wanted.found.map((id) => outcomeOf(id, this.#resolve(id, signal)))),
    ])
    const found = resolved.filter((outcome) => 'value' in outcome)
    const { minMcpTools, neverDetach } = this.#options
    const plan = planAttachments({
      attached,
      found: found.map(({ value }) => value),
      isKept: (tool) => namesOf(tool).some((name) => wanted.isKept(name)),
      neverDetach,
      minMcpTools,
    })
    const attaching = found.filter(({ value }) => plan.attach.includes(value))
    const attachedNow = await Promise.all(
      attaching.map(({ id, value }) => outcomeOf(id, this.#letta.attach(agent, value.id, signal))),
    )
    const detachedNow = await Promise.all(
      plan.detach.map((tool) => outcomeOf(idOf(tool), this.#letta.detach(agent, tool.id, signal))),
    )
    const still = detachedNow.filter((outcome) => 'error' in outcome)
    return {
      detached: detachedNow.filter((outcome) => 'value' in outcome).map(({ id }) => id),
      preserved: [...plan.preserved.map(idOf), ...still.map(({ id }) => id)],
      failed: [...resolved, ...attachedNow].filter((outcome) => 'error' in outcome).map(toFailure),
    }
  }

  #resolve(id: string, signal: AbortSignal): Promise<LettaTool> {
    const { server, name } = fromItemId(id)
    return this.#letta.toolOf(server, name, signal)
  }
}

type Outcome<Value> = { id: string; value: Value } | { id: string; error: string }

// What Letta refuses concerns one tool; where it cannot be reached, all of them.
async function outcomeOf<Value>(id: string, work: Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { id, value: await work }
  } catch (thrown) {
    if (thrown instanceof ApiFailure && thrown.point === 'reply') return { id, error: thrown.message }
    throw thrown
  }
}

function toFailure({ id, error }: { id: string; error: string }): FailedAttachment {
  return { tool_id: id, name: fromItemId(id).name, error }
}

// By any of these a tool may be kept: ours, and those that Letta's own users know.
function namesOf(tool: LettaTool): string[] {
  return [idOf(tool), tool.id, tool.name]
}

function idOf({ id, name, server }: LettaTool): string {
  return server === undefined ? id : toItemId({ server, name })
}
