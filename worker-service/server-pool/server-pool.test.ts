import { describe, expect, it } from 'vitest'
import { FakePool } from '../../test/support/fake-pool.ts'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { settle } from '../../test/support/manual-clock.ts'
import { TestClient } from '../../test/support/pool-client.ts'

const NEVER = new AbortController().signal
const NO_ARGUMENTS = Buffer.from('{}')

function join(fake: FakePool, server: string, who = {}) {
  return new TestClient(fake.pool, server, who)
}

describe('a pool', () => {
  it('names the servers there are where it is asked for one there is not', async () => {
    await using fake = new FakePool()
    expect(() => join(fake, 'one')).toThrow('There is no server "one". None is configured.')
    await fake.configure('b', 'a')
    expect(() => join(fake, 'one')).toThrow('There is no server "one". There are: a, b.')
    await expect(fake.pool.start('x')).rejects.toMatchObject({ code: 'unknown_server' })
  })

  it('answers the client over the cap at once, and lets the next in when one leaves', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', maxClients: 2 })
    const [first] = [join(fake, 'one'), join(fake, 'one')]
    expect(() => join(fake, 'one')).toThrow('2 clients have it open, as many as may')
    first?.close()
    expect(() => join(fake, 'one')).not.toThrow()
    expect(fake.pool.row('one')).toMatchObject({ clients: 2, maxClients: 2 })
  })

  it('gives the place of the client that was away longest to one over the cap', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', maxClients: 3 }, { name: 'two', maxClients: 1 })
    join(fake, 'two', { absentSince: 1 })
    const clients = [{}, { absentSince: 20 }, { absentSince: 10 }].map((who) => join(fake, 'one', who))
    const next = join(fake, 'one')
    expect(clients.map(({ closedWith }) => closedWith?.message)).toEqual([
      undefined,
      undefined,
      'server "one": another client has come while this one was away.',
    ])
    expect(await next.call()).toHaveProperty('result')
    expect(fake.pool.rows()).toMatchObject([{ clients: 3 }, { clients: 1 }])
    join(fake, 'one')
    expect(() => join(fake, 'one')).toThrow('as many as may')
  })

  it('lists every server with where it is, why, and what comes next', async () => {
    await using fake = new FakePool()
    const { servers } = { servers: [fixtureServer('fake', { name: 'warm' }), fixtureServer('fake', { name: 'cold' })] }
    const unusable = [{ name: 'broken', reason: 'TOKEN not set' }]
    await fake.pool.apply({ servers, unusable, disabled: ['off'], limits: { maxSize: 3 } })
    await join(fake, 'warm').call()
    await fake.clock.advance(1_000)
    const now = fake.clock.now()
    expect(fake.pool.rows()).toMatchObject([
      { name: 'broken', state: 'disabled', why: 'TOKEN not set' },
      { name: 'cold', state: 'cold', next: 'It starts on first use.', instances: 0 },
      { name: 'off', state: 'disabled', why: 'it is switched off in the configuration.' },
      {
        name: 'warm',
        state: 'ready',
        since: now - 1_000,
        why: 'it is needed.',
        next: 'It stops when unused for 5 min.',
        processId: 1,
        instances: 1,
        clients: 1,
        maxClients: 5,
        calls: 1,
        lastUsedAt: now - 1_000,
        memoryMb: 10,
      },
    ])
    expect(() => join(fake, 'broken')).toThrow('server "broken": TOKEN not set')
  })

  it('refuses everything when it is disposed, ends its servers and closes its sessions', async () => {
    const fake = new FakePool()
    await fake.configure('one')
    const client = join(fake, 'one')
    await client.call()
    await fake[Symbol.asyncDispose]()
    expect([fake.servers.running, client.closedWith?.code]).toEqual([[], 'shutting_down'])
    expect(() => join(fake, 'one')).toThrow('shutting down')
    expect(fake.clock.waiting).toBe(0)
  })

  it('gives calls in flight no longer than the service has to end, and one clear error', async () => {
    const fake = new FakePool()
    await fake.configure('one')
    const client = join(fake, 'one')
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const inFlight = client.call()
    const disposed = fake.pool[Symbol.asyncDispose]()
    await fake.clock.advance(2_500)
    expect(await inFlight).toMatchObject({ error: { code: -32014, data: { delivered: 'unknown' } } })
    await disposed
    expect(fake.servers.running).toEqual([])
  })
})

describe('the room of a pool', () => {
  it('is made by the idle server that was used least recently', async () => {
    await using fake = new FakePool(2)
    await fake.configure('a', 'b', 'c')
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(fake, name))
    await a?.call()
    await fake.clock.advance(1)
    await b?.call()
    await fake.clock.advance(1)
    await a?.call()
    await fake.clock.advance(1)
    expect(await c?.call()).toMatchObject({ result: {} })
    expect(fake.pool.rows().map(({ state }) => state)).toEqual(['ready', 'cold', 'ready'])
    expect(await b?.call()).toMatchObject({ result: {} })
    expect(fake.servers.running).toHaveLength(2)
  })

  it('is waited for while all are busy, and had when the first is idle', async () => {
    await using fake = new FakePool(1)
    await fake.configure('a', 'b')
    const [a, b] = [join(fake, 'a'), join(fake, 'b')]
    fake.servers.behaviour.calls = 'hold'
    const busy = a.call()
    await settle()
    const waiting = b.call()
    await fake.clock.advance(30_000)
    expect(fake.servers.opened).toHaveLength(1)
    fake.servers.behaviour.calls = 'answer'
    fake.servers.last.answer()
    expect(await busy).toMatchObject({ result: {} })
    expect(await waiting).toMatchObject({ result: {} })
  })

  it('is refused with a clear error when all stay busy until the deadline', async () => {
    await using fake = new FakePool(1)
    await fake.configure({ name: 'a', callTimeoutMs: 100_000 }, 'b')
    const [a, b] = [join(fake, 'a'), join(fake, 'b')]
    fake.servers.behaviour.calls = 'hold'
    const busy = a.call()
    await settle()
    const waiting = b.call()
    await fake.clock.advance(60_000)
    expect(await waiting).toMatchObject({ error: { code: -32011, data: { delivered: 'no', retryable: true } } })
    expect(fake.pool.row('b').state).toBe('cold')
    fake.servers.last.answer()
    await busy
  })
})

describe('a changed configuration', () => {
  it('leaves unchanged servers their process and their calls', async () => {
    await using fake = new FakePool()
    await fake.configure('a', 'b')
    const client = join(fake, 'a')
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    await settle()
    for (let reload = 0; reload < 200; reload++) await fake.configure('a', { name: 'b', args: [String(reload)] })
    fake.servers.last.answer()
    expect(await answer).toMatchObject({ result: {} })
    expect(fake.servers.opened).toHaveLength(1)
  })

  it('finishes the calls of a changed server with the old process, and begins new ones with the new', async () => {
    await using fake = new FakePool()
    await fake.configure('a')
    const client = join(fake, 'a')
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const old = client.call()
    const applied = fake.configure({ name: 'a', env: { TOKEN: 'new' } })
    const late = client.call()
    await settle()
    expect(fake.servers.opened).toHaveLength(1)
    fake.servers.behaviour.calls = 'answer'
    fake.servers.last.answer()
    expect(await old).toMatchObject({ result: {} })
    expect(await late).toMatchObject({ result: {} })
    await applied
    expect(fake.servers.opened.map(({ definition }) => definition)).toMatchObject([
      { env: {} },
      { env: { TOKEN: 'new' } },
    ])
    expect(client.closedWith).toBeUndefined()
  })

  it('changes settings of a server that runs without ending it', async () => {
    await using fake = new FakePool()
    await fake.configure('a')
    const client = join(fake, 'a')
    await client.call()
    await fake.configure({ name: 'a', maxClients: 1, callTimeoutMs: 500, keepAliveMs: 2_000 })
    expect(() => join(fake, 'a')).toThrow('as many as may')
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    await fake.clock.advance(500)
    expect(await answer).toMatchObject({ error: { code: -32001 } })
    expect(fake.servers.opened).toHaveLength(1)
    await fake.clock.advance(2_000)
    expect(fake.pool.row('a').state).toBe('cold')
  })

  it('finishes the calls of a removed server, then closes it to its clients', async () => {
    await using fake = new FakePool()
    await fake.configure('a')
    const client = join(fake, 'a')
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    await settle()
    const applied = fake.configure()
    expect(() => join(fake, 'a')).toThrow('There is no server')
    fake.servers.last.answer()
    expect(await answer).toMatchObject({ result: {} })
    await applied
    expect([client.closedWith?.code, fake.servers.running]).toEqual(['unknown_server', []])
  })
})

describe('a call without a session', () => {
  it('is given the result as the server sent it', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    const result = await fake.pool.call('one', { tool: 'echo', arguments: Buffer.from('{"a":1}') }, NEVER)
    expect(result.toString()).toBe('{"content":[],"echo":{"a":1}}')
  })

  it('counts as one client together with all others, and as none when they are done', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', maxClients: 1 })
    const argumentsOf = (n: number) => Buffer.from(JSON.stringify({ n }))
    const calls = Array.from({ length: 50 }, (_, n) =>
      fake.pool.call('one', { tool: 'echo', arguments: argumentsOf(n) }, NEVER),
    )
    expect(fake.pool.row('one').clients).toBe(1)
    const results = await Promise.all(calls)
    expect(results.map((result) => JSON.parse(result.toString()).echo.n)).toEqual(calls.map((_, n) => n))
    expect(fake.pool.row('one')).toMatchObject({ clients: 0, calls: 50 })
  })

  it('is told progress', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    fake.servers.behaviour.calls = 'hold'
    const told: unknown[] = []
    const progressed = (params: unknown) => told.push(params)
    const call = fake.pool.call('one', { tool: 'slow', arguments: NO_ARGUMENTS, progressed }, NEVER)
    await settle()
    const progressToken = fake.servers.last.calls[0]?.id
    fake.servers.last.say({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
    fake.servers.last.answer()
    await call
    expect(told).toMatchObject([{ progress: 1 }])
  })

  it('is cancelled at the server when nobody waits for it', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    fake.servers.behaviour.calls = 'hold'
    const abort = new AbortController()
    const call = fake.pool.call('one', { tool: 'slow', arguments: NO_ARGUMENTS }, abort.signal)
    await settle()
    abort.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    expect(fake.servers.last.messages.at(-1)).toMatchObject({ method: 'notifications/cancelled' })
    expect(fake.pool.row('one')).toMatchObject({ inFlight: 0, clients: 0 })
  })

  it('fails with the code of what went wrong, and when to try again', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    const call = (tool: string) => fake.pool.call('one', { tool, arguments: NO_ARGUMENTS }, NEVER)
    await expect(call('withheld')).rejects.toMatchObject({ code: 'tool_withheld' })
    fake.servers.behaviour.calls = 'hold'
    const crashed = call('echo')
    await settle()
    fake.servers.last.crash()
    await expect(crashed).rejects.toMatchObject({ code: 'connection_closed', details: { delivered: 'unknown' } })
    await fake.clock.advance(100)
    const refused = call('echo')
    await settle()
    fake.servers.last.say({ id: Number(fake.servers.last.calls[0]?.id), error: { code: -32602, message: 'no x' } })
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'server "one" refused: no x (-32602)',
      details: { code: -32602, message: 'no x' },
    })
  })

  it('starts anew with a server whose start failed before', async () => {
    await using fake = new FakePool()
    await fake.configure('one')
    fake.servers.behaviour.start = 'refuse'
    const call = () => fake.pool.call('one', { tool: 'echo', arguments: NO_ARGUMENTS }, NEVER)
    await expect(call()).rejects.toMatchObject({ retryAfterMs: 100 })
    fake.servers.behaviour.start = 'ready'
    const again = call()
    await fake.clock.advance(100)
    expect(JSON.parse((await again).toString())).toMatchObject({ content: [] })
  })
})
