import type { Writable } from 'node:stream'

/** Resolves when the reader of a stream has read what it was sent, or is gone, or the signal aborts. */
export function caughtUp(stream: Writable, signal: AbortSignal): Promise<void> {
  if (!stream.writableNeedDrain || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const settle = () => {
      stream.off('drain', settle).off('close', settle)
      signal.removeEventListener('abort', settle)
      resolve()
    }
    stream.once('drain', settle).once('close', settle)
    signal.addEventListener('abort', settle)
  })
}
