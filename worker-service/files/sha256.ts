/** The SHA-256 of bytes or text, in base64url. Node's hashes are loaded when this is first called, which in a one-shot is mostly never. */
export function sha256(content: string | Uint8Array): string {
  const { createHash } = process.getBuiltinModule('node:crypto')
  return createHash('sha256').update(content).digest('base64url')
}
