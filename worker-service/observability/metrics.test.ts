import { Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createMetrics, withProcessMetrics } from './metrics.ts'
import { TalliedDurations } from './tallied-durations.ts'

const OPTIONS = { name: 'took_seconds', help: 'How long it took', labelNames: ['server'] as const, buckets: [0.25, 1] }

describe('the metrics of the process', () => {
  it('are kept from the first scrape on, and once', async () => {
    const { registry } = createMetrics()
    const scraped = withProcessMetrics(registry)
    expect(await registry.metrics()).not.toContain('nodejs_')
    expect(await scraped.metrics()).toContain('nodejs_eventloop_lag_seconds')
    expect(await scraped.metrics()).toContain('process_cpu_seconds_total')
  })
})

describe('a tallied counter', () => {
  it('is collected with everything counted so far, once for each set of labels', async () => {
    const { registry, calls } = createMetrics()
    const lines = async () =>
      (await registry.metrics()).split('\n').filter((line) => line.startsWith('pilotlight_calls'))
    expect(await lines()).toEqual([])
    for (let count = 0; count < 3; count++) calls.add('one', 'tools/call', 'answered')
    calls.add('one', 'tools/call', 'lost')
    await lines()
    calls.add('two', 'tools/call', 'answered')
    calls.add('one', 'tools/call', 'lost')
    expect(await lines()).toEqual([
      'pilotlight_calls_total{server="one",method="tools/call",outcome="answered"} 3',
      'pilotlight_calls_total{server="one",method="tools/call",outcome="lost"} 2',
      'pilotlight_calls_total{server="two",method="tools/call",outcome="answered"} 1',
    ])
  })
})

describe('tallied durations', () => {
  it('are printed as prom-client prints its own', async () => {
    const [ours, theirs] = [new Registry(), new Registry()]
    const tallied = new TalliedDurations({ ...OPTIONS, registers: [ours] })
    const histogram = new Histogram({ ...OPTIONS, registers: [theirs] })
    for (const [server, seconds] of [
      ['one', 0.25],
      ['one', 0.5],
      ['two', 3],
      ['one', 1.25],
      ['one', 0],
    ] as const) {
      tallied.add(server, seconds)
      histogram.observe({ server }, seconds)
    }
    expect(await ours.metrics()).toBe(await theirs.metrics())
  })
})
