/** A string as the bytes of its JSON text, in the Latin-1 text that frames are rewritten with. */
export function toRaw(text: string): string {
  return Buffer.from(JSON.stringify(text)).toString('latin1')
}
