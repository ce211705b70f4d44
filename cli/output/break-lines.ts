import { cut, widthOf } from './text-width.ts'

/** A text in lines of so many columns at most, broken at spaces; a word that is longer is cut. */
export function breakLines(text: string, width: number): string[] {
  const words = text.split(' ').map((word) => cut(word, width))
  return joinLines(words, ' ', width)
}

/** Parts in as few lines as they fit, so many columns wide, a separator between those of one line; one that is longer has a line of its own. */
export function joinLines(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = []
  let line: string | undefined
  for (const part of parts) {
    const joined: string = line === undefined ? part : `${line}${separator}${part}`
    if (widthOf(joined) <= width) {
      line = joined
      continue
    }
    if (line !== undefined) lines.push(line)
    line = part
  }
  return line === undefined ? lines : [...lines, line]
}
