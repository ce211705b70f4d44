import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { InFlight } from './in-flight.ts'

const DEADLINES = { timeoutMs: 60_000, hardCapMs: 600_000 }

function inFlight() {
  const clock = new ManualClock()
  const expired: number[] = []
  const requests = new InFlight(clock, (requestId) => {
    expired.push(requestId)
    requests.finish(requestId)
  })
  const start = (requestId: number, clientId: string | undefined = 'a') => {
    requests.start({ kind: 'request-started', requestId, clientId, method: 'tools/call', name: 'echo' }, DEADLINES)
  }
  return { clock, expired, requests, start }
}

describe('requests in flight', () => {
  it('expire at their own deadlines and not before', async () => {
    const { clock, expired, start } = inFlight()
    start(1)
    await clock.advance(20_000)
    start(2)
    await clock.advance(39_999)
    expect(expired).toEqual([])
    await clock.advance(1)
    expect(expired).toEqual([1])
    await clock.advance(20_000)
    expect(expired).toEqual([1, 2])
    expect(clock.waiting).toBe(0)
  })

  it('are given a second where their deadlines passed while the machine was asleep', async () => {
    const { clock, expired, requests, start } = inFlight()
    start(1)
    start(2)
    await clock.sleep(3_600_000)
    expect(expired).toEqual([])
    requests.finish(1)
    await clock.advance(1_000)
    expect(expired).toEqual([2])
    expect(clock.waiting).toBe(0)
  })

  it('never expire when they are finished in time', async () => {
    const { clock, expired, requests, start } = inFlight()
    for (let requestId = 1; requestId <= 1_000; requestId++) {
      start(requestId)
      expect(requests.finish(requestId)).toMatchObject({ method: 'tools/call', name: 'echo', startedAt: clock.now() })
    }
    expect(clock.waiting).toBe(1)
    await clock.advance(60_000)
    expect(expired).toEqual([])
    expect(clock.waiting).toBe(0)
  })

  it('are given more time by progress, up to the hard cap', async () => {
    const { clock, expired, requests, start } = inFlight()
    start(1)
    for (let told = 0; told < 19; told++) {
      await clock.advance(30_000)
      requests.progressed(1, DEADLINES)
    }
    expect(expired).toEqual([])
    await clock.advance(29_999)
    expect(expired).toEqual([])
    await clock.advance(1)
    expect(expired).toEqual([1])
  })

  it('count those of clients apart from our own', () => {
    const { requests, start } = inFlight()
    start(1)
    requests.start(
      { kind: 'request-started', requestId: 2, clientId: undefined, method: 'ping', name: undefined },
      DEADLINES,
    )
    expect(requests.clientRequests).toBe(1)
    requests.finish(2)
    requests.finish(2)
    expect(requests.clientRequests).toBe(1)
    requests.finish(1)
    expect(requests.clientRequests).toBe(0)
  })
})
