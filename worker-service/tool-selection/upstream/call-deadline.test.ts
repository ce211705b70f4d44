import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { CallDeadline } from './call-deadline.ts'

const SITE = { name: 'Tool selector' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the deadline of a call', () => {
  it('aborts with a timeout when its time is up, and not before', () => {
    using deadline = new CallDeadline(SITE, 100, new AbortController().signal)
    vi.advanceTimersByTime(99)
    expect(deadline.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(deadline.signal.reason).toMatchObject({ code: 'selector_timeout' })
  })

  it('aborts as cancelled when the caller leaves', () => {
    const caller = new AbortController()
    using deadline = new CallDeadline(SITE, 100, caller.signal)
    caller.abort()
    expect(deadline.signal.reason).toMatchObject({ code: 'cancelled', cause: caller.signal.reason })
  })

  it('keeps the reason of a caller that has one of ours', () => {
    const caller = new AbortController()
    using deadline = new CallDeadline(SITE, 100, caller.signal)
    const reason = new ServiceError('shutting_down', 'The service is shutting down.')
    caller.abort(reason)
    expect(deadline.signal.reason).toBe(reason)
  })

  it('calls it a timeout when the caller waited no longer', () => {
    using deadline = new CallDeadline(SITE, 100, AbortSignal.abort(new DOMException('late', 'TimeoutError')))
    expect(deadline.signal.reason).toMatchObject({
      code: 'selector_timeout',
      message: 'Tool selector did not answer in time.',
    })
  })

  it('is over at once for a caller who has left before', () => {
    using deadline = new CallDeadline(SITE, 100, AbortSignal.abort())
    expect(deadline.signal.reason).toMatchObject({ code: 'cancelled' })
  })

  it('leaves neither a timer nor a listener when it is disposed', () => {
    const caller = new AbortController()
    const deadline = new CallDeadline(SITE, 100, caller.signal)
    expect(vi.getTimerCount()).toBe(1)
    deadline[Symbol.dispose]()
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(caller.signal, 'abort')).toEqual([])
  })
})
