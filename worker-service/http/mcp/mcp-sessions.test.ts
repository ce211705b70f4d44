import { describe, expect, it } from 'vitest'
import { Spans } from '../../../shared/frames/spans.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { PoolClient } from '../../server-pool/client-session.ts'
import { McpSessions } from './mcp-sessions.ts'

const TARGET = { server: 'one' }

function sessions(maxSessions?: number) {
  const clock = new ManualClock()
  const clients = new Set<PoolClient>()
  const connect = (_: unknown, client: PoolClient) => {
    clients.add(client)
    return { send: () => true, isSettled: () => true, close: () => void clients.delete(client) }
  }
  return { clock, clients, all: new McpSessions({ connect, clock, ...(maxSessions !== undefined && { maxSessions }) }) }
}

describe('the sessions over HTTP', () => {
  it('are known by their ids at their own endpoint', () => {
    const { all } = sessions()
    const session = all.create(TARGET)
    expect(all.get(session.id, TARGET)).toBe(session)
    expect(all.get(session.id, { server: 'two' })).toBeUndefined()
    expect(all.get(session.id, { server: undefined })).toBeUndefined()
    expect(all.get('unknown', { server: undefined })).toBeUndefined()
  })

  it('end when nothing has come of their client for five minutes', async () => {
    const { all, clock, clients } = sessions()
    const silent = all.create(TARGET)
    const talking = all.create(TARGET)
    for (let minute = 0; minute < 6; minute++) {
      await clock.advance(60_000)
      talking.tell({ kind: 'notification', method: 'x', bytes: Buffer.from('{}'), spans: new Spans() })
    }
    expect(all.get(silent.id, TARGET)).toBeUndefined()
    expect(all.get(talking.id, TARGET)).toBe(talking)
    expect(clients.size).toBe(1)
  })

  it('leave no timer behind when they are over', async () => {
    const { all, clock } = sessions()
    all.create(TARGET).close()
    await clock.advance(30_000)
    expect(clock.waiting).toBe(0)
    all.create(TARGET)
    all[Symbol.dispose]()
    expect([clock.waiting, all.size]).toEqual([0, 0])
  })

  it('make room by ending the one that was idle longest, but not while it may be about to ask for something', async () => {
    const { all, clock } = sessions(2)
    const first = all.create(TARGET)
    await clock.advance(1)
    const second = all.create(TARGET)
    expect(() => all.create(TARGET)).toThrow('There are 2 sessions, all of them in use.')
    await clock.advance(10_000)
    const third = all.create(TARGET)
    expect(all.get(first.id, TARGET)).toBeUndefined()
    expect([all.get(second.id, TARGET), all.get(third.id, TARGET)]).toEqual([second, third])
  })
})
