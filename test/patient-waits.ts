import { inject, vi } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** How long what a test waits for may take, in milliseconds. */
    waitMs: number
  }
}

// As `expect.poll` is told in the configuration: of itself it gives up after a second, which a busy machine needs at times.
const { waitFor, waitUntil } = vi
const bounded = <Options extends object>(options: number | Options | undefined) => ({
  timeout: inject('waitMs'),
  ...(typeof options === 'number' ? { timeout: options } : options),
})
vi.waitFor = (callback, options) => waitFor(callback, bounded(options))
vi.waitUntil = (callback, options) => waitUntil(callback, bounded(options))
