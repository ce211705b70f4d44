import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { IdleWatch } from '../server-pool/idle-watch.ts'
import { createAdmissions } from './admission.ts'
import { WorkerUse } from './worker-use.ts'

const MINUTE = 60_000

function watched() {
  const clock = new ManualClock()
  const use = new WorkerUse(() => clock.now())
  let ends = 0
  const usage = { isBusy: () => use.isBusy(), lastUsedAt: () => use.lastUsedAt(), unused: () => void ends++ }
  const watch = new IdleWatch(usage, { clock, keepAliveMs: 10 * MINUTE })
  return { clock, use, ends: () => ends, [Symbol.dispose]: () => watch[Symbol.dispose]() }
}

describe('a worker that stops when it is unused', () => {
  it('stops ten minutes after its start where nobody came', async () => {
    using worker = watched()
    await worker.clock.advance(10 * MINUTE - 1)
    expect(worker.ends()).toBe(0)
    await worker.clock.advance(1)
    expect(worker.ends()).toBe(1)
  })

  it('stays while a client is there, however quiet, and ten minutes longer', async () => {
    using worker = watched()
    worker.use.begin()
    await worker.clock.advance(25 * MINUTE)
    worker.use.end()
    await worker.clock.advance(10 * MINUTE - 1)
    expect(worker.ends()).toBe(0)
    await worker.clock.advance(1)
    expect(worker.ends()).toBe(1)
  })

  it.each(['admission', 'streams'] as const)('stays while something is let in by its %s', async (way) => {
    using worker = watched()
    const ended = Promise.withResolvers<void>()
    const call = createAdmissions(worker.use)[way].run(() => ended.promise)
    await worker.clock.advance(25 * MINUTE)
    ended.reject(new Error('it failed'))
    await expect(call).rejects.toThrow('it failed')
    expect(worker.ends()).toBe(0)
    await worker.clock.advance(10 * MINUTE)
    expect(worker.ends()).toBe(1)
  })

  it('counts from the last of many calls', async () => {
    using worker = watched()
    for (let call = 0; call < 5; call++) {
      await createAdmissions(worker.use).admission.run(async () => {})
      await worker.clock.advance(9 * MINUTE)
    }
    expect(worker.ends()).toBe(0)
    await worker.clock.advance(MINUTE)
    expect(worker.ends()).toBe(1)
  })
})
