import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Readiness } from '../shared/contracts/health.ts'
import { readyBody } from '../test/support/fake-worker.ts'
import { CatalogWatch } from './catalog-watch.ts'

const ready = (tools: number, status?: string) => JSON.parse(readyBody(tools, ['a'], status)) as Readiness

/** A watch over a worker whose /ready is answered by hand. */
function watchOf(initial?: { tools: number; servers: string[] }) {
  const asked: { answer(readiness: Readiness): void; fail(): void; signal: AbortSignal }[] = []
  const onChange = vi.fn<() => void>()
  const client = {
    ready: (signal: AbortSignal) =>
      new Promise<Readiness>((answer, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        asked.push({ answer, fail: () => reject(new Error('refused')), signal })
      }),
  }
  return { watch: new CatalogWatch({ client, initial, onChange }), asked, onChange }
}

const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('CatalogWatch', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('knows what was known before until the worker tells otherwise', async () => {
    const { watch, asked, onChange } = watchOf({ tools: 1, servers: ['old'] })
    watch.refresh()
    expect(await watch.summary()).toEqual({ tools: 1, servers: ['old'] })
    asked[0]?.answer(ready(2))
    await passes(0)
    expect(await watch.summary()).toEqual({ tools: 2, servers: ['a'] })
    expect(onChange).toHaveBeenCalledOnce()
  })

  it('calls nothing a change that was known', async () => {
    const { watch, asked, onChange } = watchOf({ tools: 2, servers: ['a'] })
    watch.refresh()
    asked[0]?.answer(ready(2))
    await passes(0)
    expect(onChange).not.toHaveBeenCalled()
  })

  it('waits for a worker that is quick when nothing is known', async () => {
    const { watch, asked } = watchOf()
    watch.refresh()
    const summary = watch.summary()
    await passes(49)
    asked[0]?.answer(ready(2))
    expect(await summary).toEqual({ tools: 2, servers: ['a'] })
  })

  it('waits no longer than 50 ms', async () => {
    const { watch } = watchOf()
    watch.refresh()
    const summary = watch.summary()
    await passes(50)
    await expect(summary).resolves.toBeUndefined()
  })

  it('does not wait when the worker cannot be asked, or is not asked at all', async () => {
    const { watch, asked } = watchOf()
    await expect(watch.summary()).resolves.toBeUndefined()
    watch.refresh()
    const summary = watch.summary()
    asked[0]?.fail()
    await expect(summary).resolves.toBeUndefined()
  })

  it('asks again while the worker fills its catalogue, and not once it has', async () => {
    const { watch, asked, onChange } = watchOf()
    watch.refresh()
    asked[0]?.answer(ready(0, 'not_ready'))
    await passes(2_000)
    asked[1]?.answer(ready(2))
    await passes(60_000)
    expect(asked).toHaveLength(2)
    expect(onChange).toHaveBeenCalledOnce()
  })

  it('asks anew when it is told to, and forgets the answer it was waiting for', async () => {
    const { watch, asked } = watchOf()
    watch.refresh()
    watch.refresh()
    expect(asked[0]?.signal.aborted).toBe(true)
    asked[1]?.answer(ready(2))
    await passes(0)
    expect(await watch.summary()).toEqual({ tools: 2, servers: ['a'] })
  })

  it('gives up on a worker that does not answer', async () => {
    const { watch, asked } = watchOf()
    watch.refresh()
    await passes(5_000)
    expect(asked[0]?.signal.aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer behind when it is disposed', async () => {
    const { watch, asked, onChange } = watchOf()
    watch.refresh()
    asked[0]?.answer(ready(0, 'not_ready'))
    await passes(0)
    watch.refresh()
    watch[Symbol.dispose]()
    await passes(0)
    asked[1]?.answer(ready(9))
    await passes(10_000)
    expect(asked).toHaveLength(2)
    expect(onChange).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
