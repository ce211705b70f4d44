import { describe, expect, it } from 'vitest'
import { renderTable } from './table.ts'

const COLUMNS = [
  { heading: 'Server' },
  { heading: 'State' },
  { heading: 'Calls', align: 'right' as const },
  { heading: 'Why', isText: true },
]
const ROWS = [
  [{ text: 'memory' }, { text: 'ready' }, { text: '12' }, { text: 'It is needed. It stops when unused for 5 min.' }],
  [{ text: 'e\u202e' }, { text: 'cold' }, { text: '0' }, { text: '' }],
]

function rendered(width?: number): string[] {
  return renderTable(COLUMNS, ROWS, { rules: true, ...(width !== undefined && { width }) })
}

describe('a table', () => {
  it('has a line for each row where there is no end of room, and shows what a terminal would obey', () => {
    expect(rendered()).toEqual([
      'Server     State  Calls  Why',
      '─'.repeat(70),
      'memory     ready     12  It is needed. It stops when unused for 5 min.',
      'e\\u{202e}  cold       0',
    ])
  })

  it('breaks the text of its last column where there is room for some of it', () => {
    expect(rendered(52)).toEqual([
      'Server     State  Calls  Why',
      '─'.repeat(52),
      'memory     ready     12  It is needed. It stops when',
      '                         unused for 5 min.',
      'e\\u{202e}  cold       0',
    ])
  })

  it('has the text below its row where there is room for the other columns alone', () => {
    expect(rendered(40)).toEqual([
      'Server     State  Calls',
      '───────────────────────',
      'memory     ready     12',
      '  It is needed. It stops when unused for',
      '  5 min.',
      'e\\u{202e}  cold       0',
    ])
  })

  it('has a few lines for each row where there is not even that', () => {
    expect(rendered(20)).toEqual([
      'memory  ready',
      '  Calls 12',
      '  It is needed. It',
      '  stops when unused',
      '  for 5 min.',
      'e\\u{202e}  cold',
      '  Calls 0',
    ])
  })

  it('is never wider than it may be, but for the name of a row', () => {
    for (let width = 12; width < 120; width++) {
      expect(Math.max(...rendered(width).map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 15))
    }
  })
})
