import type { Path } from '../section-reader.ts'

/** A place in a text, both counted from 1. */
export interface Position {
  line: number
  column: number
}

/** A sentence about a text, and where in it that is; undefined where it is about all of it. */
export interface Note {
  text: string
  position: Position | undefined
}

export function describeNote({ text, position }: Note): string {
  return position === undefined ? text : `line ${position.line}:${position.column}: ${text}`
}

/** What a text holds, or why it cannot be read, in words that quote nothing of it. */
export type ParsedDocument =
  | {
      kind: 'value'
      value: unknown
      /** Where something was read from: its key, or what is nearest around it. */
      locate: (path: Path) => Position | undefined
      /** What its format allows and nobody means. */
      oddities: () => Note[]
    }
  | { kind: 'mistakes'; mistakes: Note[] }

/** Where an offset, counted in UTF-16 units, is in a text. */
export function positionAt(offset: number, text: string): Position {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
