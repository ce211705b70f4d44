import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { Heartbeat } from './heartbeat.ts'

function beating(intervalMs = 30_000) {
  const clock = new ManualClock()
  const events: string[] = []
  const server = { isBusy: false, answers: false }
  const heartbeat = new Heartbeat(
    {
      isBusy: () => server.isBusy,
      ping: () => {
        events.push('ping')
        if (server.answers) heartbeat.heard()
      },
      died: () => events.push('died'),
      wasFoundWell: () => events.push('well'),
    },
    { clock, intervalMs },
  )
  return { clock, events, server, heartbeat }
}

describe('a heartbeat', () => {
  it('pings a silent server each interval, and gives it up after two misses', async () => {
    const { clock, events } = beating()
    await clock.advance(4 * 30_000)
    expect(events).toEqual(['well', 'ping', 'ping', 'died'])
  })

  it('finds a server that answers well for ever', async () => {
    const { clock, events, server } = beating()
    server.answers = true
    await clock.advance(100 * 30_000)
    expect(events).not.toContain('died')
    expect(events).toContain('ping')
  })

  it('does not ping a server that says anything on its own', async () => {
    const { clock, events, heartbeat } = beating()
    for (let interval = 0; interval < 10; interval++) {
      heartbeat.heard()
      await clock.advance(30_000)
    }
    expect(new Set(events)).toEqual(new Set(['well']))
  })

  it('never gives up a busy server, however silent', async () => {
    const { clock, events, server } = beating()
    server.isBusy = true
    await clock.advance(100 * 30_000)
    expect(events).toEqual([])
  })

  it('counts anew after a server was busy', async () => {
    const { clock, events, server } = beating()
    await clock.advance(3 * 30_000)
    server.isBusy = true
    await clock.advance(30_000)
    server.isBusy = false
    await clock.advance(2 * 30_000)
    expect(events).toEqual(['well', 'ping', 'ping', 'ping', 'ping'])
  })

  it('does nothing when it is switched off or disposed', async () => {
    const off = beating(0)
    await off.clock.advance(1e9)
    expect(off.events).toEqual([])
    const { clock, events, heartbeat } = beating()
    heartbeat[Symbol.dispose]()
    await clock.advance(1e9)
    expect(events).toEqual([])
    expect(clock.waiting).toBe(0)
  })
})
