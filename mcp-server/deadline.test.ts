import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { deadlineAfter, sleep } from './deadline.ts'

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
