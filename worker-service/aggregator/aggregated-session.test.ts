import { describe, expect, it } from 'vitest'
import { SAMPLE_SERVERS } from '../../test/fixtures/sample-servers.ts'
import { AggregatedPool, called } from '../../test/support/aggregated-pool.ts'
import type { Message } from '../../test/support/fake-servers.ts'
import { settle } from '../../test/support/manual-clock.ts'

const ALL = { sampling: {}, elicitation: {}, roots: { listChanged: true } }

describe('AggregatedSession', () => {
  it('answers initialize at once, with no server running', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client()
    expect(client.messages).toMatchObject([
      {
        id: 'hello',
        result: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: { listChanged: true }, logging: {} },
          serverInfo: { name: 'pilotlight' },
          instructions: expect.stringContaining('find_tools'),
        },
      },
    ])
    expect(all.fake.servers.opened).toEqual([])
  })

  it('gives a client the older protocol version that it offers', async () => {
    await using all = await AggregatedPool.of([])
    const client = all.client()
    const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'old', version: '1' } }
    const { result } = await client.request('initialize', params)
    expect(result).toMatchObject({ protocolVersion: '2025-03-26' })
  })

  it.each([
    [{ method: 'initialize', params: {} }, -32602],
    [{ method: 'unheard/of' }, -32601],
    [{ method: 'tools/call', params: {} }, -32602],
    [{ method: 'tools/list', params: { cursor: 'x' } }, -32602],
    [{ method: 'logging/setLevel', params: { level: 'loud' } }, -32602],
    [{ method: 'tools/call', params: { name: 'find_tools', arguments: 'x' } }, -32602],
  ])('refuses %j with %i', async ({ method, params = {} }: Message & { method: string }, code) => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    expect(await all.client().request(method, params)).toMatchObject({
      error: { code, data: { server: 'pilotlight', delivered: 'no', retryable: false } },
    })
  })

  it('takes a cursor that is null for none', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    expect(await all.client().request('prompts/list', { cursor: null })).toHaveProperty('result')
  })

  it('refuses what comes before initialize, and an id that is in flight', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    const frames: Message[] = []
    const session = all.aggregator.connect({ frame: (bytes) => frames.push(JSON.parse(String(bytes))), closed() {} })
    session.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'))
    session.send(Buffer.from('{"jsonrpc":"2.0","id":2,"method":"ping"}'))
    session.send(Buffer.from('[]'))
    session.send(
      Buffer.from('{"jsonrpc":"2.0","id":3,"method":"initialize","params":{"protocolVersion":"x","capabilities":{}}}'),
    )
    const call = Buffer.from('{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"send_email"}}')
    session.send(call)
    session.send(call)
    expect(frames).toMatchObject([
      { id: 1, error: { code: -32600, message: 'Send initialize first.' } },
      { id: 2, result: {} },
      { id: null, error: { code: -32600 } },
      { id: 3, result: { protocolVersion: '2025-11-25' } },
      { id: 'a', error: { code: -32600, message: expect.stringContaining('in flight') } },
    ])
  })
})

describe('the servers of a session', () => {
  it('are asked again after a start that failed, and every call meanwhile gets one error', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.start = 'refuse'
    const client = all.client()
    const failed = { error: { code: -32603, data: { server: 'mail', delivered: 'no' } } }
    expect(await Promise.all([client.call('send_email'), client.call('list_emails')])).toMatchObject([failed, failed])
    all.fake.servers.behaviour.start = 'ready'
    await all.fake.clock.advance(60_000)
    expect(await client.call('send_email')).toHaveProperty('result')
  })

  it('end their calls with one error when they crash, and serve the next', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    const client = all.client()
    const lost = client.call('send_email')
    const mail = await all.process('mail')
    await called(mail)
    mail.crash()
    expect(await lost).toMatchObject({ error: { code: -32000, data: { server: 'mail', delivered: 'unknown' } } })
    all.fake.servers.behaviour.calls = 'answer'
    const next = client.call('send_email')
    await all.fake.clock.advance(60_000)
    expect(await next).toHaveProperty('result')
  })

  it('are opened anew when they were removed from the configuration and are back', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client()
    await client.call('send_email')
    await all.fake.configure('files')
    expect(await client.call('send_email')).toMatchObject({ error: { code: -32602 } })
    await all.fake.configure('files', 'mail')
    expect(await client.call('send_email')).toHaveProperty('result')
  })

  it('refuse a client that comes when all places are taken, once they are free no longer', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    await all.fake.configure({ name: 'mail', maxClients: 1 })
    const [first, second] = [all.client(), all.client()]
    expect(await first.call('send_email')).toHaveProperty('result')
    expect(await second.call('send_email')).toMatchObject({
      error: { code: -32011, data: { server: 'mail', delivered: 'no', retryable: true } },
    })
    first.close()
    expect(await second.call('send_email')).toHaveProperty('result')
  })

  it('take a new client in the place of one that is away, which has them again when it is back', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    await all.fake.configure({ name: 'mail', maxClients: 1 })
    const away = all.client({ absentSince: 1 })
    expect(await away.call('send_email')).toHaveProperty('result')
    const other = all.client({ absentSince: 2 })
    expect(await other.call('send_email')).toHaveProperty('result')
    expect(await away.call('send_email')).toHaveProperty('result')
    expect([away.closedWith, other.closedWith]).toEqual([undefined, undefined])
  })

  it('are left, with everything in flight, by a client that leaves', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    const client = all.client()
    void client.call('send_email')
    void client.call('read_file')
    const mail = await all.process('mail')
    const { id } = await called(mail)
    client.close()
    expect(mail.messages.at(-1)).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } })
    expect(all.fake.pool.size).toBe(0)
    expect(all.aggregator.clients).toBe(0)
  })

  it('learn the log level the client set, those to come as well, and are not started for it', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client()
    await client.call('send_email')
    expect(await client.request('logging/setLevel', { level: 'error' })).toMatchObject({ result: {} })
    const mail = await all.process('mail')
    const level = { method: 'logging/setLevel', params: { level: 'error' } }
    expect(mail.messages.at(-1)).toMatchObject(level)
    expect(all.fake.servers.opened).toHaveLength(1)
    await client.call('read_file')
    const files = await all.process('files')
    expect(files.messages.slice(-2)).toMatchObject([level, { method: 'tools/call' }])
    files.say({ method: 'notifications/message', params: { level: 'debug', data: 'no' } })
    files.say({ method: 'notifications/message', params: { level: 'error', data: 'yes' } })
    expect(client.messages.at(-1)).toMatchObject({ params: { data: 'yes' } })
    expect(client.messages.filter(({ method }) => method !== undefined)).toHaveLength(1)
  })

  it('hear that the roots have changed', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client({ capabilities: ALL })
    await client.call('send_email')
    client.send({ method: 'notifications/roots/list_changed' })
    expect((await all.process('mail')).messages.at(-1)).toMatchObject({ method: 'notifications/roots/list_changed' })
  })

  it('end with the aggregator, which answers what is left', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    const client = all.client()
    const call = client.call('send_email')
    all.aggregator[Symbol.dispose]()
    expect(await call).toMatchObject({ error: { code: -32014 } })
    expect(client.closedWith?.code).toBe('shutting_down')
    expect(all.aggregator.clients).toBe(0)
  })
})

describe('what servers ask', () => {
  it('reaches the client under ids of its own, and the answers the servers that asked', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    const client = all.client({ capabilities: ALL })
    void client.call('send_email')
    void client.call('read_file')
    const servers = [await all.process('mail'), await all.process('files')]
    for (const server of servers) {
      await called(server)
      server.say({
        id: 1,
        method: 'sampling/createMessage',
        params: { from: server.definition.name, _meta: { progressToken: 1 } },
      })
    }
    const questions = client.messages.filter(({ method }) => method === 'sampling/createMessage')
    expect(questions.map(({ id }) => id)).toEqual([1, 2])
    expect(questions.map(({ params }) => params?.['_meta'])).toEqual([{ progressToken: 1 }, { progressToken: 2 }])
    for (const { id = '', params } of questions.toReversed()) {
      client.send({ method: 'notifications/progress', params: { progressToken: id, of: params?.['from'] } })
      client.send({ id, result: { for: params?.['from'] } })
    }
    for (const server of servers) {
      const { name } = server.definition
      expect(server.messages.slice(-2)).toMatchObject([
        { method: 'notifications/progress', params: { progressToken: 1, of: name } },
        { id: 1, result: { for: name } },
      ])
    }
    client.send({ id: 1, result: {} })
    expect(servers[0]?.messages.at(-1)).toMatchObject({ result: { for: 'mail' } })
  })

  it('is withdrawn by the server that asked, and by its end', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    const client = all.client({ capabilities: ALL })
    void client.call('send_email')
    void client.call('read_file')
    const [mail, files] = [await all.process('mail'), await all.process('files')]
    for (const server of [mail, files]) {
      await called(server)
      server.say({ id: 'q', method: 'roots/list' })
    }
    files.say({ method: 'notifications/cancelled', params: { requestId: 'q', reason: 'enough' } })
    expect(client.messages.at(-1)).toMatchObject({ params: { requestId: 2, reason: 'enough' } })
    mail.crash()
    await settle()
    expect(client.messages.filter(({ method }) => method === 'notifications/cancelled').at(-1)).toMatchObject({
      params: { requestId: 1 },
    })
  })

  it('is declined for a client that cannot answer it', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    void all.client().call('send_email')
    const mail = await all.process('mail')
    await called(mail)
    mail.say({ id: 5, method: 'elicitation/create', params: { message: '?' } })
    expect(mail.messages.at(-1)).toMatchObject({ id: 5, error: { code: -32601 } })
  })
})
