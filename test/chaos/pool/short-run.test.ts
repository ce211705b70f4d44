import { describe, expect, it } from 'vitest'
import { isKept } from '../promises.ts'
import { SHORT_SCALE } from './promise-run.ts'
import { POOL_RUNS } from './runs.ts'

const SIZE = { seed: 1, scale: SHORT_SCALE, searchPath: process.env.PATH ?? '', say: () => {} }

describe.skipIf(process.platform !== 'linux')('a short run of every promise', () => {
  for (const { id, title, schedule, run } of POOL_RUNS) {
    it(`${id}: ${title}`, { timeout: 600_000 }, async ({ signal }) => {
      const notes: string[] = []
      const plan = { ...SIZE, note: (line: string) => void notes.push(line) }
      expect(schedule(plan)).not.toEqual([])
      const promises = await run(plan, signal)
      // How long anything takes, and how much memory, is for a machine that does nothing else.
      const counted = promises.filter(({ unit }) => unit === 'count')
      expect(counted).not.toEqual([])
      const broken = counted.filter((promise) => !isKept(promise))
      expect({ broken, seen: broken.length === 0 ? [] : notes }).toEqual({ broken: [], seen: [] })
    })
  }

  it('has one run for each promise', () => {
    const ids = POOL_RUNS.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
  })
})
