import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, SYSTEM_CLOCK } from '../../clock.ts'

/** Time and chance, as the remote connectors need them. */
export interface RemoteClock extends Pick<Clock, 'now'> {
  /** Resolves after so long; rejects when the signal aborts. Keeps no process alive. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>
  /** From 0 up to 1. */
  random(): number
}

/** The machine's. */
export const SYSTEM_REMOTE_CLOCK: RemoteClock = {
  now: () => SYSTEM_CLOCK.now(),
  sleep: (delayMs, signal) => sleep(delayMs, undefined, { signal, ref: false }),
  random: Math.random,
}
