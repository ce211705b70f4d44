import { setTimeout as sleep } from 'node:timers/promises'

/** Time and chance, as the remote connectors need them. */
export interface RemoteClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after so long; rejects when the signal aborts. Keeps no process alive. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>
  /** From 0 up to 1. */
  random(): number
}

export const SYSTEM_CLOCK: RemoteClock = {
  now: Date.now,
  sleep: (delayMs, signal) => sleep(delayMs, undefined, { signal, ref: false }),
  random: Math.random,
}
