import { describe, expect, it } from 'vitest'
import { Admission } from './admission.ts'

describe('admission', () => {
  it('runs calls up to its limit and refuses the next at once, until one has left', async () => {
    const admission = new Admission(2)
    const { promise: finish, resolve: letFinish } = Promise.withResolvers<string>()
    const inside = [admission.run(() => finish), admission.run(() => finish)]
    await expect(admission.run(() => finish)).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 })
    letFinish('done')
    expect(await Promise.all(inside)).toEqual(['done', 'done'])
    expect(await admission.run(() => Promise.resolve('next'))).toBe('next')
  })

  it('keeps no place for a call that failed', async () => {
    const admission = new Admission(1)
    await expect(admission.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await admission.run(() => Promise.resolve('next'))).toBe('next')
  })

  it('refuses new calls while draining and lets those inside finish', async () => {
    const admission = new Admission(2)
    const { promise: finish, resolve: letFinish } = Promise.withResolvers<string>()
    const inside = admission.run(() => finish)
    admission.drain()
    await expect(admission.run(() => finish)).rejects.toMatchObject({ code: 'shutting_down' })
    letFinish('done')
    expect(await inside).toBe('done')
  })
})
