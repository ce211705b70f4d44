/** Words as a sentence: a capital letter before them, a full stop behind them where there is none. */
export function toSentence(words: string): string {
  const trimmed = words.trim()
  if (trimmed === '') return ''
  const begun = trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
