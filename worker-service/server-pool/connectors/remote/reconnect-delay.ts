/** The longest a server is waited for because it asks so, in milliseconds. */
export const MAX_RETRY_AFTER_MS = 30_000

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 30_000
const MIN_ASKED_MS = 100
// A server whose streams break off again and again is asked less often than it says.
const MAX_FAILURES_AS_ASKED = 3
const JITTER = 0.1

/** When a stream is opened again. */
export interface Reconnect {
  /** How many attempts in a row have failed, or led to a stream that broke off at once. */
  failures: number
  /** What the server asked for: its `retry` field or `Retry-After` header, in milliseconds. */
  askedMs: number | undefined
  /** From 0 up to 1. */
  random: number
}

/**
 * The delay in milliseconds: what the server asked for, within 0.1 and 30 s and with up to a tenth more, so that many clients of a server
 * that comes back do not meet; else doubling from half a second to 30 s, anywhere in its upper half.
 */
export function reconnectDelay({ failures, askedMs, random }: Reconnect): number {
  const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS) * (0.5 + random / 2)
  if (askedMs === undefined) return backoffMs
  const heededMs = Math.min(Math.max(askedMs, MIN_ASKED_MS), MAX_RETRY_AFTER_MS) * (1 + JITTER * random)
  return failures > MAX_FAILURES_AS_ASKED ? Math.max(heededMs, backoffMs) : heededMs
}
