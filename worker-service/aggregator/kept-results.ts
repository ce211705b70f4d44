import type { Clock } from '../server-pool/clock.ts'

/** How much is kept, and for how long. Sizes are bytes, times milliseconds. */
export interface KeptResultsLimits {
  readonly perSession: number
  readonly inAll: number
  readonly keptForMs: number
}

interface Kept {
  readonly sessionId: string
  readonly text: string
  readonly bytes: number
  lastUsedAt: number
}

const MIB = 1024 * 1024
const LIMITS: KeptResultsLimits = { perSession: 16 * MIB, inAll: 64 * MIB, keptForMs: 10 * 60_000 }

/**
 * The texts of results that were too large to be given at once, each for the session that called. Within limits: those longest unread go
 * first, of the session that keeps more than it may, then of all; and so does what nobody reads any more.
 */
export class KeptResults implements Disposable {
  readonly #clock: Clock
  readonly #newId: () => string
  readonly #limits: KeptResultsLimits
  /** By their ids, longest unread first. */
  readonly #byId = new Map<string, Kept>()
  #expiry: Disposable | undefined

  constructor({ clock, newId }: { clock: Clock; newId: () => string }, limits = LIMITS) {
    this.#clock = clock
    this.#newId = newId
    this.#limits = limits
  }

  /** How many bytes are kept. */
  get bytes(): number {
    return sum(this.#byId.values())
  }

  /** Keeps a text; undefined where it is larger than all that a session may keep, else its id. */
  keep(sessionId: string, text: string): string | undefined {
    const bytes = Buffer.byteLength(text)
    if (bytes > this.#limits.perSession) return undefined
    const id = this.#newId()
    this.#byId.set(id, { sessionId, text, bytes, lastUsedAt: this.#clock.now() })
    const ofSession = () => [...this.#byId].filter(([, kept]) => kept.sessionId === sessionId)
    this.#shrink(ofSession, this.#limits.perSession)
    this.#shrink(() => [...this.#byId], this.#limits.inAll)
    this.#expireLater()
    return id
  }

  /** The text of this id; undefined where it is another session's, or kept no longer. */
  read(sessionId: string, id: string): string | undefined {
    const kept = this.#byId.get(id)
    if (kept?.sessionId !== sessionId) return undefined
    kept.lastUsedAt = this.#clock.now()
    this.#byId.delete(id)
    this.#byId.set(id, kept)
    return kept.text
  }

  [Symbol.dispose](): void {
    this.#expiry?.[Symbol.dispose]()
    this.#byId.clear()
  }

  #shrink(among: () => [string, Kept][], maxBytes: number): void {
    for (let left = among(); sum(left.map(([, kept]) => kept)) > maxBytes; left = among()) {
      const [oldest] = left
      if (oldest === undefined) return
      this.#byId.delete(oldest[0])
    }
  }

  #expireLater(): void {
    const [oldest] = this.#byId.values()
    if (this.#expiry !== undefined || oldest === undefined) return
    const dueInMs = oldest.lastUsedAt + this.#limits.keptForMs - this.#clock.now()
    this.#expiry = this.#clock.setTimeout(() => this.#expire(), Math.max(0, dueInMs))
  }

  #expire(): void {
    this.#expiry = undefined
    const now = this.#clock.now()
    for (const [id, { lastUsedAt }] of this.#byId) {
      if (lastUsedAt + this.#limits.keptForMs <= now) this.#byId.delete(id)
    }
    this.#expireLater()
  }
}

function sum(kept: Iterable<Kept>): number {
  let bytes = 0
  for (const one of kept) bytes += one.bytes
  return bytes
}
