import { SOURCE_META_KEY } from '../../shared/contracts/find-tools-fields.ts'
import { parseJson } from '../../shared/parse-json.ts'

/** Who answered a call. */
export type Source = 'worker' | 'one-shot'

/** What became of every call. Times are milliseconds from its sending to its answer. */
export interface Ledger {
  sent: number
  /** Calls that got a successful answer of their own. */
  times: Record<Source, number[]>
  /** Calls that got an error, or nothing: the reason of each. */
  failures: string[]
  answeredTwice: number
  /** Answers with an id nobody used, or with the answer to another's call. */
  wrongId: number
}

/** Keeps the books of a run: every call must get exactly one answer, its own. */
export class Accountant {
  readonly #open = new Map<number, { agentId: string; sentAt: number }>()
  readonly #ledger: Ledger = {
    sent: 0,
    times: { worker: [], 'one-shot': [] },
    failures: [],
    answeredTwice: 0,
    wrongId: 0,
  }
  readonly #closed = new Set<number>()

  get openCalls(): number {
    return this.#open.size
  }

  sent({ id, agentId }: { id: number; agentId: string }, now: number): void {
    this.#ledger.sent++
    this.#open.set(id, { agentId, sentAt: now })
  }

  /** Books one line of the front's stdout. Says who answered, when it was a good answer. */
  received(line: string, now: number): Source | undefined {
    const frame = parseJson(line) as Frame | undefined
    // The front may say on its own that its list of tools has changed.
    if (frame !== undefined && frame.id === undefined && frame.method !== undefined) return undefined
    const id = typeof frame?.id === 'number' ? frame.id : Number.NaN
    const call = this.#open.get(id)
    if (call === undefined) {
      if (this.#closed.has(id)) this.#ledger.answeredTwice++
      else this.#ledger.wrongId++
      return undefined
    }
    this.#open.delete(id)
    this.#closed.add(id)
    return this.#book(frame ?? {}, call, now)
  }

  /** The books of the run; calls that are still open count as failed. */
  close(): Ledger {
    const unanswered = Array.from(this.#open.keys(), (id) => `call ${id} was never answered`)
    return { ...this.#ledger, failures: [...this.#ledger.failures, ...unanswered] }
  }

  #book(frame: Frame, call: { agentId: string; sentAt: number }, now: number): Source | undefined {
    const { structuredContent, _meta, isError } = frame.result ?? {}
    const source = _meta?.[SOURCE_META_KEY]
    if (isError === true || structuredContent?.status !== 'success' || (source !== 'worker' && source !== 'one-shot')) {
      this.#ledger.failures.push(JSON.stringify(frame.error ?? frame.result ?? frame).slice(0, 300))
      return undefined
    }
    if (structuredContent.details?.target_agent !== call.agentId) {
      this.#ledger.wrongId++
      return undefined
    }
    this.#ledger.times[source].push(now - call.sentAt)
    return source
  }
}

interface Frame {
  id?: unknown
  method?: unknown
  error?: unknown
  result?: {
    isError?: boolean
    structuredContent?: { status?: string; details?: { target_agent?: unknown } | null }
    _meta?: Record<string, unknown>
  }
}
