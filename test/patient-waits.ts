import { inject, vi } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** How long what a test waits for may take, in milliseconds. */
    waitMs: number
  }
}

// As `expect.poll` is told in the configuration: of itself it gives up after a second, which a busy machine needs at times.
const { waitFor } = vi
vi.waitFor = (callback, options) => {
  const chosen = typeof options === 'number' ? { timeout: options } : options
  return waitFor(callback, { timeout: inject('waitMs'), ...chosen })
}
