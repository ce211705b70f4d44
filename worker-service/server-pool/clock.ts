/** Where time comes from. */
export interface Clock {
  /** Milliseconds since the epoch; never runs backwards. */
  now(): number
  /** Calls back once after so many milliseconds, unless disposed before. Keeps no process alive. */
  setTimeout(callback: () => void, delayMs: number): Disposable
}

// The time of day as it was at the start: the wall's clock can be set back. Kept: asking for it takes longer than asking for the time since.
const STARTED_AT = performance.timeOrigin

/** The machine's clock. */
export const SYSTEM_CLOCK: Clock = {
  now: () => STARTED_AT + performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
}

/** A timer that was not set. */
export const NO_TIMER: Disposable = { [Symbol.dispose]() {} }
