/** A string or object as the bytes of its JSON text, in the Latin-1 text that frames are rewritten with. */
export function toRaw(value: string | Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(value)).toString('latin1')
}
