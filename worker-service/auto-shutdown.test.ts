import { describe, expect, it } from 'vitest'
import type { WorkerMode } from '../shared/worker-mode.ts'
import { ManualClock } from '../test/support/manual-clock.ts'
import { AutoShutdown } from './auto-shutdown.ts'
import { WorkerUse } from './control/worker-use.ts'

const MINUTE = 60_000

function setUp(mode: WorkerMode = 'background') {
  const clock = new ManualClock()
  const use = new WorkerUse(() => clock.now())
  const stops: string[] = []
  const shutdown = new AutoShutdown({ use, clock, mode, stop: (askedBy) => stops.push(askedBy) })
  return { clock, use, stops, shutdown }
}

describe('a worker that is to stop by itself', () => {
  it('stops when nobody has used it for so long, and never under a call', async () => {
    const { clock, use, stops, shutdown } = setUp()
    shutdown.configure({ autoShutdownMs: MINUTE })
    use.begin()
    await clock.advance(10 * MINUTE)
    use.end()
    await clock.advance(MINUTE - 1)
    expect(stops).toEqual([])
    await clock.advance(MINUTE)
    expect(stops).toEqual(['nobody, for 1 minutes'])
  })

  it('goes by what is configured last', async () => {
    const { clock, stops, shutdown } = setUp()
    shutdown.configure({ autoShutdownMs: MINUTE })
    shutdown.configure({ autoShutdownMs: undefined })
    await clock.advance(10 * MINUTE)
    expect(stops).toEqual([])
    shutdown.configure({ autoShutdownMs: 2 * MINUTE })
    await clock.advance(2 * MINUTE)
    expect(stops).toEqual(['nobody, for 2 minutes'])
  })

  it('is left to whoever looks after it in the foreground', async () => {
    const { clock, stops, shutdown } = setUp('foreground')
    shutdown.configure({ autoShutdownMs: MINUTE })
    await clock.advance(10 * MINUTE)
    expect(stops).toEqual([])
  })
})
