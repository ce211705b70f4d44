import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { FakePool } from '../../test/support/fake-pool.ts'
import type { Message } from '../../test/support/fake-servers.ts'
import { settle } from '../../test/support/manual-clock.ts'
import { TestClient } from '../../test/support/pool-client.ts'
import type { StdioServerDefinition } from './server-definition.ts'

async function pooled(settings: Partial<StdioServerDefinition> = {}) {
  const fake = new FakePool()
  await fake.configure({ name: 'one', ...settings })
  const join = (capabilities = {}) => new TestClient(fake.pool, 'one', { capabilities })
  return Object.assign(fake, { join })
}

describe('a shared server', () => {
  it('gives every client its own answers under its own ids', async () => {
    await using fake = await pooled({ maxClients: 20 })
    const clients = Array.from({ length: 20 }, () => fake.join())
    const answers = clients.map((client, index) => client.call('echo', { index }))
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect(answer).toMatchObject({ id: 1, result: { echo: { index } } })
    }
  })

  it('is asked nothing more for a client that is gone', async () => {
    await using fake = await pooled()
    const [a, b] = [fake.join(), fake.join()]
    await a.call()
    fake.servers.behaviour.calls = 'hold'
    void a.call()
    const kept = b.call()
    a.close()
    await settle()
    expect(fake.servers.last.messages.at(-1)).toMatchObject({ method: 'notifications/cancelled' })
    fake.servers.last.answer()
    expect(await kept).toMatchObject({ result: {} })
    expect(fake.pool.row('one')).toMatchObject({ clients: 1, inFlight: 0, calls: 3 })
  })

  it('tells its connection which frames were answers and which nobody had asked for', async () => {
    await using fake = await pooled()
    await fake.join().call()
    const { last } = fake.servers
    for (const message of [
      { method: 'notifications/message', params: {} },
      { id: 99, result: {} },
    ])
      last.say(message)
    last.answer()
    expect(last.taken).toEqual([true, true, false, false, false])
  })

  it('tells the observer of every call how it ended and how long it took', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call('first')
    fake.servers.behaviour.calls = 'hold'
    const late = client.call('second')
    await fake.clock.advance(60_000)
    await late
    expect(fake.observer.finished).toEqual([
      { server: 'one', method: 'tools/call', name: 'first', outcome: 'answered', durationMs: 0 },
      { server: 'one', method: 'tools/call', name: 'second', outcome: 'expired', durationMs: 60_000 },
    ])
  })

  it('passes on what was asked while it had no answer yet, once it is ready, in order', async () => {
    await using fake = await pooled()
    const client = fake.join()
    const answers = [client.call('echo', { n: 1 }), client.call('echo', { n: 2 }), client.request('tools/list')]
    await Promise.all(answers)
    const methods = fake.servers.last.messages.map(({ method }) => method)
    expect(methods).toEqual(['initialize', 'notifications/initialized', 'tools/call', 'tools/call', 'tools/list'])
  })

  it('says which of its lists has changed, to the observer and to its clients', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.last.say({ method: 'notifications/tools/list_changed' })
    expect(fake.observer.lines.at(-1)).toBe('one changed its tools')
    expect(client.messages.at(-1)).toMatchObject({ method: 'notifications/tools/list_changed' })
  })

  it('holds nothing for clients that come and go', async () => {
    await using fake = await pooled()
    for (let index = 0; index < 1_000; index++) {
      const client = fake.join()
      void client.call()
      if (index % 2 === 0) await settle()
      client.close()
    }
    await settle()
    expect(fake.pool.row('one')).toMatchObject({ clients: 0, inFlight: 0 })
    expect(fake.pool.size).toBe(0)
  })
})

describe('a deadline', () => {
  it('ends the call with one error and tells the server', async () => {
    await using fake = await pooled({ callTimeoutMs: 1_000 })
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    await fake.clock.advance(999)
    expect(fake.pool.row('one').inFlight).toBe(1)
    await fake.clock.advance(1)
    expect(await answer).toMatchObject({ error: { code: -32001, data: { delivered: 'unknown' } } })
    expect(fake.servers.last.messages.at(-1)).toMatchObject({ method: 'notifications/cancelled' })
    fake.servers.last.answer()
    await settle()
    expect(fake.observer.lines.at(-1)).toBe('one dropped from server: late-answer')
    expect(client.messages.filter(({ id }) => id === 2)).toHaveLength(1)
  })

  it('is put off by progress, but not beyond ten minutes', async () => {
    await using fake = await pooled({ callTimeoutMs: 60_000 })
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const answer = client.request('tools/call', { name: 'slow', _meta: { progressToken: 'p' } })
    const progressToken = () => fake.servers.last.calls.at(-1)?.id
    for (let minutes = 0; minutes < 19; minutes++) {
      await fake.clock.advance(30_000)
      fake.servers.last.say({
        method: 'notifications/progress',
        params: { progressToken: progressToken(), progress: 1 },
      })
    }
    expect(client.messages.filter(({ method }) => method === 'notifications/progress')).toHaveLength(19)
    await fake.clock.advance(29_999)
    expect(fake.pool.row('one').inFlight).toBe(1)
    await fake.clock.advance(1)
    expect(await answer).toMatchObject({ error: { code: -32001 } })
  })
})

describe('a call that its server leaves unanswered', () => {
  it('ends at once, and the server goes on', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    const error = new ServiceError('overloaded', 'it asks to be called less often.', { retryAfterMs: 250 })
    fake.servers.last.leaveUnanswered(error, 'no')
    const data = { server: 'one', delivered: 'no', retryable: true, retryAfterMs: 250, requestId: 3 }
    expect((await answer).error).toEqual({ code: -32011, message: 'it asks to be called less often.', data })
    expect(fake.observer.finished.at(-1)).toMatchObject({ outcome: 'failed' })
    expect(fake.servers.opened).toHaveLength(1)
  })
})

describe('a server that has forgotten its session', () => {
  it('is told again what clients have set', async () => {
    await using fake = await pooled()
    const client = fake.join()
    void client.request('logging/setLevel', { level: 'error' })
    await client.call()
    fake.servers.last.renewSession()
    expect(fake.servers.last.messages.at(-1)).toMatchObject({ method: 'logging/setLevel', params: { level: 'error' } })
    expect(fake.observer.lines.at(-1)).toBe('one changed its tools')
  })
})

describe('a message that is too large', () => {
  it('costs the client that one request', async () => {
    await using fake = await pooled({ maxMessageBytes: 2_048 })
    const client = fake.join()
    const answer = await client.call('echo', { text: 'x'.repeat(2_048) })
    expect(answer).toMatchObject({ id: 1, error: { code: -32012, data: { delivered: 'no' } } })
    expect(await client.call()).toMatchObject({ result: {} })
  })

  it('costs the server the call that it answers', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const answers = [client.call(), client.call()]
    const [, first] = fake.servers.last.calls
    fake.servers.last.sayTooMuch(Number(first?.id))
    expect(await answers[0]).toMatchObject({ id: 2, error: { code: -32012 } })
    fake.servers.last.answer()
    expect(await answers[1]).toMatchObject({ id: 3, result: {} })
  })

  it('costs the server the one call that waits', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    fake.servers.last.sayTooMuch()
    expect(await answer).toMatchObject({ id: 2, error: { code: -32012, data: { delivered: 'yes', retryable: false } } })
    fake.servers.behaviour.calls = 'answer'
    expect(await client.call()).toMatchObject({ result: {} })
    expect(fake.servers.opened).toHaveLength(1)
  })
})

describe('a server that asks back', () => {
  const ABLE = { sampling: {} }

  it('reaches the client whose call is in flight', async () => {
    await using fake = await pooled()
    const [a, b] = [fake.join(ABLE), fake.join(ABLE)]
    await Promise.all([a.call(), b.call()])
    fake.servers.behaviour.calls = 'hold'
    const answer = b.call()
    fake.servers.last.say({ id: 'q', method: 'sampling/createMessage', params: { messages: [] } })
    const question = b.messages.find(({ method }) => method === 'sampling/createMessage')
    expect(a.messages.some(({ method }) => method !== undefined)).toBe(false)
    b.send({ id: question?.id ?? '', result: { role: 'assistant' } })
    await settle()
    expect(fake.servers.last.messages.at(-1)).toEqual({ jsonrpc: '2.0', id: 'q', result: { role: 'assistant' } })
    fake.servers.last.answer()
    await answer
  })

  /** A server that asks while two clients have a call there, the first the earlier one. */
  async function asking() {
    const fake = await pooled()
    const clients = [fake.join(ABLE), fake.join(ABLE)] as const
    await Promise.all(clients.map((client) => client.call()))
    fake.servers.behaviour.calls = 'hold'
    const answers = clients.map((client) => client.call())
    const server = fake.servers.last
    const [, , ofFirst, ofSecond] = server.calls
    server.say({ id: 'q', method: 'sampling/createMessage', params: { messages: [] } })
    const finish = async () => {
      for (const call of [ofFirst, ofSecond]) if (call !== undefined) server.answer(call)
      await Promise.all(answers)
    }
    return { fake, clients, server, ofFirst, finish, [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose]() }
  }
  const isQuestion = ({ method }: Message) => method === 'sampling/createMessage'

  it('reaches the client whose call is the last one left', async () => {
    await using scene = await asking()
    const [a, b] = scene.clients
    if (scene.ofFirst !== undefined) scene.server.answer(scene.ofFirst)
    await settle()
    expect([a.messages.some(isQuestion), b.messages.some(isQuestion)]).toEqual([false, true])
    await scene.fake.clock.advance(10_000)
    expect(scene.server.messages.some(({ id }) => id === 'q')).toBe(false)
    await scene.finish()
  })

  it('is told after ten seconds that nobody can tell whom it asks', async () => {
    await using scene = await asking()
    await scene.fake.clock.advance(9_999)
    expect(scene.server.messages.some(({ id }) => id === 'q')).toBe(false)
    await scene.fake.clock.advance(1)
    expect(scene.server.messages.at(-1)).toMatchObject({ id: 'q', error: { code: -32603 } })
    expect(scene.fake.observer.lines).toContain('one asked nobody knows whom')
    await scene.finish()
  })

  it('is told so of one question after another, as the end of one call may say whom the next is for', async () => {
    await using scene = await asking()
    const { server, fake } = scene
    for (const id of ['r', 's']) server.say({ id, method: 'sampling/createMessage', params: { messages: [] } })
    const answered = () => server.messages.flatMap(({ id }) => (['q', 'r', 's'].includes(String(id)) ? [id] : []))
    await fake.clock.advance(10_999)
    expect(answered()).toEqual(['q'])
    await fake.clock.advance(1)
    expect(answered()).toEqual(['q', 'r'])
    if (scene.ofFirst !== undefined) server.answer(scene.ofFirst)
    await settle()
    expect(scene.clients[1].messages.filter(isQuestion)).toHaveLength(1)
    await fake.clock.advance(10_000)
    expect(answered()).toEqual(['q', 'r'])
    await scene.finish()
  })

  it('is given to one client at a time from then on, and new clients get their own', async () => {
    await using scene = await asking()
    const { fake } = scene
    expect(fake.observer.lines).toContain('one serialised')
    fake.servers.behaviour.calls = 'answer'
    expect(await fake.join().call()).toMatchObject({ result: {} })
    expect(fake.servers.opened).toHaveLength(2)
    expect([...fake.holders]).toEqual([['one', 'client']])
    await scene.finish()
  })
})

describe('what a server cannot take in', () => {
  it('is held within bounds: the client is told to wait, then cut off', async () => {
    await using fake = await pooled({ maxMessageBytes: 1024 * 1024 })
    const client = fake.join()
    await client.call()
    fake.servers.last.write = () => false
    const frame = { method: 'notifications/note', params: { text: 'x'.repeat(512 * 1024) } }
    expect(client.send(frame)).toBe(true)
    const accepted = Array.from({ length: 12 }, () => client.send(frame))
    expect(accepted.slice(0, 3)).toEqual([true, false, false])
    expect(client.closedWith).toMatchObject({ code: 'overloaded' })
    expect(fake.pool.row('one').clients).toBe(0)
    expect(fake.observer.lines).toContain('one cut a client off')
  })
})
