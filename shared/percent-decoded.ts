/** What a text with percent encoding stands for; the text itself where it has none, or a percent sign that encodes nothing. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
