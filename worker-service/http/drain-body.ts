import type { IncomingMessage } from 'node:http'

// As much as Hono's adapter reads for the routes that it serves.
const MAX_BYTES = 64 * 1024 * 1024
const MAX_MS = 500

/**
 * Reads what is left of the body of a request that was answered before its end, for clients that look for an answer only when they have
 * sent everything. Closes the connection where that is more than a body may be, or takes too long.
 */
export function drainBody(incoming: IncomingMessage): void {
  if (incoming.readableEnded || incoming.destroyed) return
  let bytes = 0
  const cut = () => incoming.socket.destroySoon()
  const timer = setTimeout(cut, MAX_MS)
  incoming.once('close', () => clearTimeout(timer))
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_BYTES) cut()
  })
}
