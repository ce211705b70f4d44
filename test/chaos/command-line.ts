/** A flag's whole number above 0. Throws what the flag must be. */
export function wholeNumber(flag: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new Error(`${flag} must be a whole number above 0, got ${JSON.stringify(text)}`)
}
