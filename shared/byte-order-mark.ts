const BYTE_ORDER_MARK = Buffer.from('\uFEFF')

/** A text's bytes, UTF-8, without the byte order mark that some put before it. */
export function withoutByteOrderMark(bytes: Buffer): Buffer {
  const isMarked = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
  return isMarked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes
}
