import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Paint } from './paint.ts'
import { PLAIN } from './paint.ts'
import { type Column, renderTable } from './table.ts'

const COLUMNS: Column[] = [
  { title: 'what', align: 'left' },
  { title: 'p50', align: 'right' },
]

describe('a table', () => {
  it('lines its cells up under their titles', () => {
    const rows = [
      ['direct', '41 µs'],
      ['the worker', '1.2 ms'],
    ]
    expect(renderTable(COLUMNS, rows, PLAIN)).toEqual([
      ' what            p50',
      ' -------------------',
      ' direct        41 µs',
      ' the worker   1.2 ms',
    ])
  })

  it('counts no colour as width', () => {
    const red: Paint = Object.assign((_: unknown, text: string) => `\u001B[31m${text}\u001B[39m`, { rich: true })
    const [, , first, second] = renderTable(
      COLUMNS,
      [
        ['a', red('bad', '7')],
        ['b', '10'],
      ],
      red,
    )
    expect(stripVTControlCharacters(first ?? '')).toBe(' a        7')
    expect(second).toBe(' b       10')
  })

  it('ends no line with blanks, where a row is shorter too', () => {
    expect(renderTable(COLUMNS, [['alone']], PLAIN).at(-1)).toBe(' alone')
  })
})
