import { describe, expect, it } from 'vitest'
import { isKept } from '../promises.ts'
import type { SoakSample } from './soak.ts'
import { soakPromises } from './soak-promises.ts'

const FLAT: SoakSample = {
  calls: 0,
  clients: 0,
  heapUsed: 10e6,
  external: 1e6,
  entries: 800,
  timers: 0,
  resident: 90e6,
  descriptors: 50,
}

function broken(of: (part: number) => Partial<SoakSample>, more: { failed?: number; left?: number } = {}): string[] {
  const samples = Array.from({ length: 41 }, (_, part) => ({ ...FLAT, calls: part * 25_000, ...of(part) }))
  const promises = soakPromises({ samples, failed: 0, left: 0, ...more })
  return promises.filter((promise) => !isKept(promise)).map(({ what }) => what)
}

describe('what is promised of a worker that works for long', () => {
  it('is kept where it holds what it held', () => {
    expect(broken(() => ({}))).toEqual([])
  })

  it('is kept where it took its memory while it was getting warm', () => {
    expect(
      broken((part) => ({ heapUsed: 10e6 + Math.min(part, 10) * 1e6, entries: 700 + Math.min(part, 10) })),
    ).toEqual([])
  })

  it('is broken where memory grows by more than 1,000 bytes in 1,000 calls', () => {
    const growing = (bytesPer1000: number) => (part: number) => ({ external: 1e6 + part * 25 * bytesPer1000 })
    expect(broken(growing(990))).toEqual([])
    expect(broken(growing(1_010))).toEqual(['growth per 1,000 calls'])
  })

  it('is kept with two things that were counted for the first time, and broken by one more', () => {
    expect(broken((part) => ({ entries: part === 40 ? 802 : 800 }))).toEqual([])
    expect(broken((part) => ({ entries: part === 40 ? 803 : 800 }))).toEqual([
      'things more in its maps and sets than when it was warm',
    ])
  })

  it('is broken by one timer or descriptor more, one failed call, one client that is still known', () => {
    expect(broken((part) => ({ timers: part === 40 ? 1 : 0 }))).toEqual(['timers more than when it was warm'])
    expect(broken((part) => ({ descriptors: part === 40 ? 51 : 50 }))).toEqual(['descriptors more than at the start'])
    expect(broken(() => ({}), { failed: 1 })).toEqual(['failed calls'])
    expect(broken(() => ({}), { left: 1 })).toEqual(['clients and calls still known to the worker'])
  })
})
