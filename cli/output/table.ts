import { escapeLine } from './escape.ts'
import type { Paint } from './screen.ts'
import { cut, widthOf } from './text-width.ts'

/** A column: its heading, and how its cells are set. */
export interface Column {
  readonly heading: string
  readonly align?: 'left' | 'right'
  /** Takes what room there is left, its text broken into lines. One of a table at most, the last. */
  readonly isText?: boolean
}

/** A cell: its text, and what paints it, once it has its place. */
export interface Cell {
  readonly text: string
  readonly paint?: Paint
}

export interface TableOptions {
  /** Columns of the terminal; unlimited where there is none. */
  readonly width?: number
  /** Rules of box-drawing characters, or none. */
  readonly rules: boolean
  readonly heading?: (text: string) => string
}

const GAP = '  '
const MIN_TEXT_WIDTH = 24

/** A table as lines. Cells are escaped; a text that is too long for its column goes on below. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width = Number.POSITIVE_INFINITY, rules, heading = (text) => text }: TableOptions,
): string[] {
  const escaped = rows.map((row) => row.map((cell) => ({ ...cell, text: escapeLine(cell.text) })))
  const widths = widthsOf(columns, escaped, width)
  const headings = columns.map((column) => ({ text: column.heading, paint: heading }))
  const rule = rules ? [widths.map((one) => '─'.repeat(one)).join('──')] : []
  return [
    ...renderRow(columns, headings, widths),
    ...rule,
    ...escaped.flatMap((row) => renderRow(columns, row, widths)),
  ]
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): number[] {
  const natural = columns.map(({ heading }, index) =>
    Math.max(widthOf(heading), ...rows.map((row) => widthOf(row[index]?.text ?? ''))),
  )
  const fixed = natural.filter((_, index) => columns[index]?.isText !== true)
  const left = width - fixed.reduce((sum, one) => sum + one + GAP.length, 0)
  return natural.map((one, index) => (columns[index]?.isText ? Math.min(one, Math.max(MIN_TEXT_WIDTH, left)) : one))
}

function renderRow(columns: readonly Column[], row: readonly Cell[], widths: readonly number[]): string[] {
  const cells = columns.map((column, index) => {
    const text = row[index]?.text ?? ''
    return column.isText ? breakLines(text, widths[index] ?? 0) : [text]
  })
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column, index) => {
        const text = cells[index]?.[line] ?? ''
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text)))
        const painted = text === '' ? text : (row[index]?.paint?.(text) ?? text)
        return column.align === 'right' ? padding + painted : painted + padding
      })
      .join(GAP)
      .trimEnd(),
  )
}

function breakLines(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (widthOf(joined) <= width) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = cut(word, width)
  }
  return [...lines, line]
}
