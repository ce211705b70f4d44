import { describe, expect, it } from 'vitest'
import type { Status } from '../../shared/contracts/server-status.ts'
import { createStatusSampler } from './watch-status.ts'

describe('createStatusSampler', () => {
  it('looks again after a quarter of a second', () => {
    let now = 0
    let reads = 0
    const sample = createStatusSampler(
      () => {
        reads++
        return { servers: [] } as unknown as Status
      },
      () => now,
    )
    for (now = 0; now < 1_000; now += 50) sample()
    expect(reads).toBe(4)
  })
})
