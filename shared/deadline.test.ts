import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { deadlineAfter, forwardAborts, sleep } from './deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('deadlineAfter', () => {
  it('aborts with its reason when the time is up', () => {
    const reason = new Error('late')
    const { signal } = deadlineAfter(100, reason)
    vi.advanceTimersByTime(99)
    expect(signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(signal.reason).toBe(reason)
  })

  it('lets pass no more than a quarter of its time while the process does not run', async () => {
    vi.useRealTimers()
    const { signal } = deadlineAfter(200, new Error('late'))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(signal.aborted).toBe(false)
  })

  it('never aborts once it is disposed', () => {
    const deadline = deadlineAfter(100, new Error('late'))
    deadline[Symbol.dispose]()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(1_000)
    expect(deadline.signal.aborted).toBe(false)
  })
})

describe('sleep', () => {
  it('resolves when the time is up', async () => {
    const slept = sleep(100, new AbortController().signal)
    await vi.advanceTimersByTimeAsync(100)
    await expect(slept).resolves.toBeUndefined()
  })

  it("rejects with the signal's reason when it aborts first, and leaves no timer", async () => {
    const controller = new AbortController()
    const slept = sleep(100, controller.signal)
    controller.abort(new Error('stop'))
    await expect(slept).rejects.toThrow('stop')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rejects at once when the signal has aborted before', async () => {
    await expect(sleep(100, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('forwardAborts', () => {
  it('aborts with the reason of the signal that aborts first', () => {
    const [first, second, target] = [new AbortController(), new AbortController(), new AbortController()]
    forwardAborts([first.signal, second.signal], target)
    const reason = new Error('second')
    second.abort(reason)
    first.abort(new Error('first'))
    expect(target.signal.reason).toBe(reason)
  })

  it('aborts at once for a signal that has aborted before', () => {
    const target = new AbortController()
    const reason = new Error('before')
    forwardAborts([new AbortController().signal, AbortSignal.abort(reason)], target)
    expect(target.signal.reason).toBe(reason)
  })

  it('forwards nothing once it is disposed', () => {
    const [source, target] = [new AbortController(), new AbortController()]
    forwardAborts([source.signal], target)[Symbol.dispose]()
    source.abort()
    expect(target.signal.aborted).toBe(false)
  })
})
