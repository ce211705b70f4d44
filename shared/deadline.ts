/** A signal that aborts when its time is up, unless it is disposed before. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
}

const STEPS = 4

/**
 * A deadline `ms` from now whose signal aborts with `reason`. It passes in steps, one of which at most while this process does not run:
 * where the machine sleeps or stands still, whoever is to answer does so as well. Not `AbortSignal.timeout`, whose reason cannot be chosen.
 */
export function deadlineAfter(ms: number, reason: Error): Deadline {
  const controller = new AbortController()
  let left = STEPS
  const step = () => {
    if (--left > 0) return
    clearInterval(timer)
    controller.abort(reason)
  }
  const timer = setInterval(step, Math.ceil(ms / STEPS)).unref()
  return { signal: controller.signal, [Symbol.dispose]: () => clearInterval(timer) }
}

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms).unref()
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

/**
 * Aborts a controller with the reason of whichever signal aborts first, until it is disposed. Not `AbortSignal.any`, whose weak references
 * outlive a call until the next major collection: under load that is hundreds of megabytes.
 */
export function forwardAborts(signals: readonly AbortSignal[], controller: AbortController): Disposable {
  const removers = signals.map((signal) => {
    const onAbort = () => controller.abort(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    return () => signal.removeEventListener('abort', onAbort)
  })
  return { [Symbol.dispose]: () => removers.forEach((remove) => remove()) }
}

/** What the promise comes to, or a rejection with the signal's reason where that aborts first. */
export async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
