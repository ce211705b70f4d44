import { describe, expect, it } from 'vitest'
import { FakePool } from '../../test/support/fake-pool.ts'
import { settle } from '../../test/support/manual-clock.ts'
import { TestClient } from '../../test/support/pool-client.ts'

const NEVER = new AbortController().signal
const LIST = { method: 'tools/list', params: {} }

describe('what the service asks of its own accord', () => {
  it('is answered as it would be to a client', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    expect(JSON.parse((await fake.pool.ask('one', LIST, NEVER)).toString())).toEqual({ tools: [] })
  })

  it('counts as no client, and goes past the cap of clients', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', maxClients: 1 })
    const asked = fake.pool.ask('one', LIST, NEVER)
    expect(fake.pool.row('one').clients).toBe(0)
    await new TestClient(fake.pool, 'one').call()
    await asked
    await fake.pool.ask('one', LIST, NEVER)
    expect(fake.pool.row('one')).toMatchObject({ clients: 1, calls: 1 })
    expect(fake.observer.finished).toMatchObject([{ method: 'tools/call' }])
    expect(fake.servers.opened).toHaveLength(1)
  })

  it('keeps no server alive: one that was started for it stops by its idle timeout', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', keepAliveMs: 1_000 })
    await fake.pool.ask('one', LIST, NEVER)
    expect(fake.pool.row('one')).toMatchObject({ state: 'ready', lastUsedAt: undefined })
    await fake.clock.advance(600)
    await fake.pool.ask('one', LIST, NEVER)
    await fake.clock.advance(400)
    expect(fake.pool.row('one').state).toBe('cold')
  })

  it('keeps a server its place no longer than until another needs it', async () => {
    await using fake = new FakePool(2)
    await fake.configure('a', 'b', 'c')
    await new TestClient(fake.pool, 'a').call()
    await fake.clock.advance(1_000)
    await fake.pool.ask('b', LIST, NEVER)
    await new TestClient(fake.pool, 'c').call()
    expect(fake.pool.rows().map(({ state }) => state)).toEqual(['ready', 'cold', 'ready'])
  })

  it('has one page after the other of a server that is not to be kept alive at all', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', keepAliveMs: 0 })
    for (let page = 0; page < 3; page++) await fake.pool.ask('one', LIST, NEVER)
    await fake.clock.advance(0)
    expect([fake.servers.opened.length, fake.pool.row('one').state]).toEqual([1, 'cold'])
  })

  it('does not have a server started again and again that does not start', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    fake.servers.behaviour.start = 'refuse'
    await expect(fake.pool.ask('one', LIST, NEVER)).rejects.toMatchObject({ retryAfterMs: 100 })
    await fake.clock.advance(600_000)
    expect(fake.observer.lines).toEqual(['one starting: it is needed.', 'one fell, again in 100 ms'])
  })

  it('is asked of a process that is there, where each client has its own', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', share: 'client' })
    const client = new TestClient(fake.pool, 'one')
    await client.call()
    expect(fake.pool.isReady('one')).toBe(true)
    await fake.pool.ask('one', LIST, NEVER)
    expect(fake.servers.running).toHaveLength(1)
    client.close()
    await settle()
    expect(fake.pool.isReady('one')).toBe(false)
    await fake.pool.ask('one', LIST, NEVER)
    expect([fake.servers.opened.length, fake.servers.running.length]).toEqual([2, 1])
  })

  it('is told to nobody of a server there is not', async () => {
    await using fake = new FakePool()
    expect(fake.pool.isReady('one')).toBe(false)
    await expect(fake.pool.ask('one', LIST, NEVER)).rejects.toMatchObject({ code: 'unknown_server' })
  })
})

describe('what a server says of itself', () => {
  it('is told to all who ask at once, for one start, and later without one', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', keepAliveMs: 0 })
    const greetings = await Promise.all([fake.pool.greet('one', NEVER), fake.pool.greet('one', NEVER)])
    for (const greeting of greetings)
      expect(JSON.parse(greeting.toString())).toMatchObject({ serverInfo: { name: 'one' } })
    await fake.clock.advance(0)
    expect(fake.pool.row('one').state).toBe('cold')
    expect(await fake.pool.greet('one', NEVER)).toEqual(greetings[0])
    expect([fake.servers.opened.length, fake.pool.size]).toEqual([1, 0])
  })

  it('is not told of a server that does not start, to all who wait, and is when it does', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    fake.servers.behaviour.start = 'refuse'
    const refused = await Promise.allSettled([fake.pool.greet('one', NEVER), fake.pool.greet('one', NEVER)])
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(fake.pool.size).toBe(0)
    fake.servers.behaviour.start = 'ready'
    await fake.clock.advance(60_000)
    await expect(fake.pool.greet('one', NEVER)).resolves.toBeInstanceOf(Buffer)
  })

  it('is not waited for by who gives up, and neither is it by others for that', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    const [stop, reason] = [new AbortController(), new Error('enough')]
    const given = fake.pool.greet('one', stop.signal)
    const kept = fake.pool.greet('one', NEVER)
    stop.abort(reason)
    await expect(given).rejects.toBe(reason)
    await expect(kept).resolves.toBeInstanceOf(Buffer)
  })

  it('is not waited for when the pool ends, nor asked of a server there is not', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    fake.servers.behaviour.start = 'silent'
    const waiting = fake.pool.greet('one', NEVER).catch((thrown: unknown) => thrown)
    await expect(fake.pool.greet('two', NEVER)).rejects.toMatchObject({ code: 'unknown_server' })
    await settle()
    void fake.pool[Symbol.asyncDispose]()
    await fake.clock.advance(60_000)
    expect(await waiting).toMatchObject({ code: 'shutting_down' })
  })
})
