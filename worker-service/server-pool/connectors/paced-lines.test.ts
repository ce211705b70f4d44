import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { LineSplitter } from '../../../shared/line-splitter.ts'
import { ManualClock, settle, settleOften } from '../../../test/support/manual-clock.ts'
import { Allowance } from './allowance.ts'
import { PacedLines } from './paced-lines.ts'

const PADDING = '.'.repeat(1_000)

/** Lines that cost 1 each, `burst` at once and ten a second; those that begin with `a` are for nothing. Time goes on by `tickMs` at each look. */
function pacedLines({ maxLineBytes = 2_000, tickMs = 0, burst = 10 } = {}) {
  const clock = new ManualClock()
  const stream = new PassThrough({ highWaterMark: 10_000_000 })
  let looks = 0
  const allowance = new Allowance({ burst, perSecond: 10 }, () => clock.now() + tickMs * looks++)
  const taken: string[] = []
  const lines = new PacedLines({
    stream,
    allowance,
    clock,
    splitter: new LineSplitter({ maxLineBytes }),
    take: (line) => {
      const text = line.kind === 'line' ? line.bytes.toString().replace(PADDING, '') : line.kind
      taken.push(text)
      if (!text.startsWith('a')) allowance.spend(1)
    },
  })
  return { stream, clock, taken, lines }
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => String(index))

/** Lines of about a kilobyte, a few with each write. */
function writeLines(stream: PassThrough, lines: readonly string[]): void {
  for (let from = 0; from < lines.length; from += 5) {
    const some = lines.slice(from, from + 5)
    stream.write(some.map((line) => `${line}${PADDING}\n`).join(''))
  }
}

describe('paced lines', () => {
  it('are taken at once while the allowance lasts, and then as it comes back, in order', async () => {
    const { stream, clock, taken } = pacedLines()
    writeLines(stream, numbered(50))
    await settleOften()
    expect(taken.length).toBeGreaterThanOrEqual(10)
    expect(taken.length).toBeLessThan(15)
    await clock.advance(1_000)
    expect(taken.length).toBeGreaterThan(15)
    expect(taken.length).toBeLessThan(25)
    await clock.advance(10_000)
    expect(taken).toEqual(numbered(50))
  })

  it('are taken a few in a turn, so that others have theirs', async () => {
    const { stream, taken } = pacedLines({ burst: 2_560 })
    const turns: number[] = []
    writeLines(stream, numbered(100))
    while (taken.length < 100) {
      const before = taken.length
      await settle()
      turns.push(taken.length - before)
    }
    expect(Math.max(...turns)).toBeLessThan(30)
  })

  it('are not read from the stream meanwhile', async () => {
    const { stream, clock } = pacedLines()
    writeLines(stream, numbered(50))
    await settle()
    expect(stream.isPaused()).toBe(true)
    await clock.advance(10_000)
    expect(stream.isPaused()).toBe(false)
    expect(clock.waiting).toBe(0)
  })

  it('are read no further while some wait, though time goes on between any two looks at it', async () => {
    const { stream, clock, taken } = pacedLines({ tickMs: 7 })
    const all = numbered(500)
    writeLines(stream, all)
    await settle()
    for (let step = 0; step < 20; step++) {
      await clock.advance(100)
      expect(stream.readableFlowing === true && taken.length < all.length).toBe(false)
    }
    await clock.advance(300_000)
    expect(taken).toEqual(all)
  })

  it('cost nothing where whoever takes them spends nothing', async () => {
    const { stream, taken } = pacedLines()
    stream.write('a\n'.repeat(1_000))
    await settle()
    expect(taken).toHaveLength(1_000)
  })

  it('are all taken when the stream ends, the last one without its end, too', async () => {
    const { stream, taken, clock } = pacedLines()
    writeLines(stream, numbered(50))
    stream.end('last')
    await settle()
    await clock.advance(20_000)
    expect(taken).toEqual([...numbered(50), 'last'])
  })

  it('are all taken in a hurry', async () => {
    const { stream, taken, lines, clock } = pacedLines()
    writeLines(stream, numbered(50))
    await settle()
    lines.hurry()
    stream.write('a\nb\n')
    await settle()
    expect(taken).toEqual([...numbered(50), 'a', 'b'])
    expect(clock.waiting).toBe(0)
  })

  it('rest as well for a line without an end', async () => {
    const { stream, taken, clock } = pacedLines({ maxLineBytes: 100 })
    stream.write('x'.repeat(101_000))
    await settle()
    expect(taken).toEqual(['too-long'])
    expect(stream.isPaused()).toBe(true)
    await clock.advance(5_000)
    expect(stream.isPaused()).toBe(false)
  })
})
