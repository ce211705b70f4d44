import { breakLines, joinLines } from './break-lines.ts'
import { escapeLine } from './escape.ts'
import type { Paint } from './screen.ts'
import { widthOf } from './text-width.ts'

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
const INDENT = '  '
const MIN_TEXT_WIDTH = 24

/**
 * A table as lines. Cells are escaped. A text that is too long for its column goes on below; where there is hardly room for that column it
 * stands below its row, and where there is none for the others either, each row is a few lines of its own.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width = Number.POSITIVE_INFINITY, rules, heading = (text) => text }: TableOptions,
): string[] {
  const escaped = rows.map((row) => row.map((cell) => ({ ...cell, text: escapeLine(cell.text) })))
  const natural = naturalWidths(columns, escaped)
  const besideText = natural.filter((_, index) => columns[index]?.isText !== true)
  const taken = sum(besideText) + GAP.length * (besideText.length - 1)
  if (taken > width) return escaped.flatMap((row) => renderCard(columns, row, width))
  const left = width - taken - GAP.length
  const textAt = columns.findIndex(({ isText }) => isText)
  const text = natural[textAt] ?? 0
  const isBelow = textAt >= 0 && Math.min(text, MIN_TEXT_WIDTH) > left
  const shown = isBelow ? columns.toSpliced(textAt, 1) : columns
  const widths = isBelow ? besideText : natural.map((one, index) => (index === textAt ? Math.min(one, left) : one))
  const headings = shown.map((column) => ({ text: column.heading, paint: heading }))
  return [
    ...renderRow(shown, headings, widths),
    ...(rules ? [widths.map((one) => '─'.repeat(one)).join('──')] : []),
    ...escaped.flatMap((row) =>
      isBelow
        ? [...renderRow(shown, row.toSpliced(textAt, 1), widths), ...renderBelow(row[textAt], width)]
        : renderRow(columns, row, widths),
    ),
  ]
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[]): number[] {
  return columns.map(({ heading }, index) =>
    Math.max(widthOf(heading), ...rows.map((row) => widthOf(row[index]?.text ?? ''))),
  )
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, one) => total + one, 0)
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
        const painted = paintCell({ ...row[index], text })
        return column.align === 'right' ? padding + painted : painted + padding
      })
      .join(GAP)
      .trimEnd(),
  )
}

function renderBelow(cell: Cell = { text: '' }, width: number): string[] {
  if (cell.text === '') return []
  return breakLines(cell.text, width - INDENT.length).map((text) => INDENT + paintCell({ ...cell, text }))
}

/** What a row is called and how it is, then its other columns with their headings, then its text. */
function renderCard(columns: readonly Column[], row: readonly Cell[], width: number): string[] {
  const [first = [], second = [], ...others] = columns.map((column, index) => [column, row[index]] as const)
  const head = [first[1], second[1]].flatMap((cell) => (cell === undefined || cell.text === '' ? [] : [cell]))
  const facts = others.flatMap(([{ heading, isText }, cell]) =>
    isText || cell === undefined || cell.text === '' ? [] : [`${heading} ${cell.text}`],
  )
  return [
    head.map(paintCell).join(GAP),
    ...joinLines(facts, ' · ', width - INDENT.length).map((line) => INDENT + line),
    ...others.flatMap(([{ isText }, cell]) => (isText ? renderBelow(cell, width) : [])),
  ]
}

function paintCell({ text, paint }: Cell): string {
  return text === '' ? text : (paint?.(text) ?? text)
}
