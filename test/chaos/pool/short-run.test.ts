import { describe, expect, it } from 'vitest'
import { isKept } from '../promises.ts'
import { SHORT_SCALE } from './promise-run.ts'
import { POOL_RUNS } from './runs.ts'

const PLAN = { seed: 1, scale: SHORT_SCALE, searchPath: process.env.PATH ?? '', say: () => {}, note: () => {} }

describe.skipIf(process.platform !== 'linux')('a short run of every promise', () => {
  for (const { id, title, schedule, run } of POOL_RUNS) {
    it(`${id}: ${title}`, { timeout: 120_000 }, async ({ signal }) => {
      expect(schedule(PLAN)).not.toEqual([])
      const promises = await run(PLAN, signal)
      // How long anything takes, and how much memory, is for a machine that does nothing else.
      const counted = promises.filter(({ unit }) => unit === 'count')
      expect(counted).not.toEqual([])
      expect(counted.filter((promise) => !isKept(promise))).toEqual([])
    })
  }

  it('has one run for each promise', () => {
    const ids = POOL_RUNS.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
  })
})
