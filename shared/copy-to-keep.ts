/**
 * A copy of bytes that are kept for long, in memory of its own. `Buffer.from` lays it into a block of 64 KB that Node shares among many,
 * and a slice of what was read is part of such a block too: kept, either keeps all of it.
 */
export function copyToKeep(bytes: Uint8Array): Buffer {
  const copy = Buffer.alloc(bytes.length)
  copy.set(bytes)
  return copy
}
