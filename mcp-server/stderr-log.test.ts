import { describe, expect, it } from 'vitest'
import { createStderrLog } from './stderr-log.ts'

function logAt(clock = { now: 0 }) {
  const lines: string[] = []
  return {
    clock,
    lines,
    log: createStderrLog(
      'pilot mcp',
      (line) => lines.push(line),
      () => clock.now,
    ),
  }
}

describe('createStderrLog', () => {
  it('writes a line with the name of the program', () => {
    const { lines, log } = logAt()
    log.line('the worker is back')
    expect(lines).toEqual(['pilot mcp: the worker is back\n'])
  })

  it.each([
    ['a forged line', 'a\nb', 'a\\u{a}b'],
    ['a terminal sequence', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a right-to-left override', 'a\u202eb', 'a\\u{202e}b'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['a zero-width space', 'a\u200bb', 'a\\u{200b}b'],
  ])('escapes %s', (_, text, expected) => {
    const { lines, log } = logAt()
    log.line(text)
    expect(lines).toEqual([`pilot mcp: ${expected}\n`])
  })

  it('leaves letters of every script as they are', () => {
    const { lines, log } = logAt()
    log.line('größer 漢字 🚀')
    expect(lines).toEqual(['pilot mcp: größer 漢字 🚀\n'])
  })

  it('writes what happens often once a second, and says how many it left out', () => {
    const { clock, lines, log } = logAt()
    for (let n = 1; n <= 5; n++) log.sparse('fallback', `fallback ${n}`)
    clock.now = 999
    log.sparse('fallback', 'fallback 6')
    clock.now = 1_000
    log.sparse('fallback', 'fallback 7')
    clock.now = 5_000
    log.sparse('fallback', 'fallback 8')
    expect(lines).toEqual([
      'pilot mcp: fallback 1\n',
      'pilot mcp: fallback 7 (and 5 more like it)\n',
      'pilot mcp: fallback 8\n',
    ])
  })

  it('counts each kind for itself', () => {
    const { lines, log } = logAt()
    log.sparse('a', 'one')
    log.sparse('b', 'two')
    expect(lines).toHaveLength(2)
  })
})
