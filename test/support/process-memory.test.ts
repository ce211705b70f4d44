import { describe, expect, it } from 'vitest'
import { proportionalBytes, residentBytes } from './process-memory.ts'

describe('the memory of a process', () => {
  it('is what it holds, of which what it shares counts in part', () => {
    const [resident, proportional] = [residentBytes(process.pid) ?? 0, proportionalBytes(process.pid) ?? 0]
    expect(proportional).toBeGreaterThan(1_000_000)
    expect(proportional).toBeLessThanOrEqual(resident)
  })

  it('is not known of a process that is not there', () => {
    expect([residentBytes(-1), proportionalBytes(-1)]).toEqual([undefined, undefined])
  })
})
