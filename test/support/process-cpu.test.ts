import { describe, expect, it } from 'vitest'
import { cpuMs } from './process-cpu.ts'

describe('the processor time of a process', () => {
  it('grows while it computes, by what it says itself', () => {
    const own = process.cpuUsage()
    const before = cpuMs(process.pid) ?? Number.NaN
    for (let work = 0; process.cpuUsage(own).user < 50_000; work++) Math.sqrt(work)
    expect((cpuMs(process.pid) ?? Number.NaN) - before).toBeGreaterThan(25)
  })

  it('is not known of a process that is not there', () => {
    expect(cpuMs(-1)).toBeUndefined()
  })
})
