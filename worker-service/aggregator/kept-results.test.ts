import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { KeptResults } from './kept-results.ts'

const LIMITS = { perSession: 100, inAll: 250, keptForMs: 1_000 }

function setUp() {
  const clock = new ManualClock()
  let lastId = 0
  return { clock, results: new KeptResults({ clock, newId: () => `r${++lastId}` }, LIMITS) }
}

const of = (bytes: number) => 'x'.repeat(bytes)

describe('KeptResults', () => {
  it('gives a text to the session it was kept for, and to no other', () => {
    const { results } = setUp()
    const id = results.keep('one', 'text') ?? ''
    expect([results.read('one', id), results.read('other', id), results.read('one', 'r9')]).toEqual([
      'text',
      undefined,
      undefined,
    ])
  })

  it('counts bytes, and does not keep what is too large for a session', () => {
    const { results } = setUp()
    expect(results.keep('one', 'ü'.repeat(51))).toBeUndefined()
    expect([results.keep('one', 'ü'.repeat(50)), results.bytes]).toEqual(['r1', 100])
  })

  it('makes room among a session’s own, longest unread first', () => {
    const { results } = setUp()
    for (const bytes of [40, 40, 10]) results.keep('one', of(bytes))
    results.keep('other', of(100))
    expect(results.read('one', 'r1')).toHaveLength(40)
    results.keep('one', of(45))
    expect(['r1', 'r2', 'r3', 'r5'].map((id) => results.read('one', id)?.length)).toEqual([40, undefined, 10, 45])
    expect(results.read('other', 'r4')).toHaveLength(100)
  })

  it('makes room among all', () => {
    const { results } = setUp()
    for (const session of ['a', 'b', 'c']) results.keep(session, of(100))
    expect([results.read('a', 'r1'), results.bytes]).toEqual([undefined, 200])
  })

  it('forgets what is not read for a time, and holds nothing then', async () => {
    const { results, clock } = setUp()
    results.keep('one', 'read')
    results.keep('one', 'unread')
    await clock.advance(600)
    expect(results.read('one', 'r1')).toBe('read')
    await clock.advance(600)
    expect([results.read('one', 'r1'), results.read('one', 'r2')]).toEqual(['read', undefined])
    await clock.advance(1_000)
    expect([results.bytes, clock.waiting]).toEqual([0, 0])
  })

  it('holds nothing when it is disposed', () => {
    const { results, clock } = setUp()
    results.keep('one', 'text')
    results[Symbol.dispose]()
    expect([results.bytes, clock.waiting]).toEqual([0, 0])
  })
})
