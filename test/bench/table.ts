import { stripVTControlCharacters } from 'node:util'
import type { Paint } from './paint.ts'

/** One column: what stands over it, and on which side its cells line up. */
export interface Column {
  title: string
  align: 'left' | 'right'
}

const GAP = '   '
const MARGIN = ' '

/** Lines of a table whose cells line up, whatever colours are in them. A row may be shorter than the columns. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], paint: Paint): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(visibleLength(title), ...rows.map((row) => visibleLength(row[index] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    `${MARGIN}${columns.map(({ align }, index) => pad(cells[index] ?? '', widths[index] ?? 0, align)).join(GAP)}`.trimEnd()
  const width = widths.reduce((sum, one) => sum + one, GAP.length * (columns.length - 1))
  return [
    paint('title', line(columns.map(({ title }) => title))),
    `${MARGIN}${paint('quiet', (paint.rich ? '─' : '-').repeat(width))}`,
    ...rows.map(line),
  ]
}

function pad(text: string, width: number, align: Column['align']): string {
  const room = ' '.repeat(width - visibleLength(text))
  return align === 'left' ? text + room : room + text
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length
}
