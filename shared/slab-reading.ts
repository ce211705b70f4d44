import type { OnReadOpts, Socket } from 'node:net'

const SLAB_BYTES = 256 * 1024
/** So much room is left for a read at least. */
const MIN_READ_BYTES = 32 * 1024

/**
 * Opens a socket that reads into large buffers, one part behind the other; `open` makes it with the option that it is given. It is a
 * stream as others are, but no memory is asked for with each read, and the parts of a large message mostly lie together, so that nobody
 * has to join them. Nothing that was read is overwritten.
 */
export function readInSlabs(open: (onread: OnReadOpts) => Socket): Socket {
  let slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  let filled = 0
  const socket = open({
    buffer: () => slab.subarray(filled),
    callback: (count) => {
      const bytes = slab.subarray(filled, filled + count)
      filled += count
      if (filled > SLAB_BYTES - MIN_READ_BYTES) {
        slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
        filled = 0
      }
      return socket.push(bytes)
    },
  })
  return socket
}
