import { describe, expect, it } from 'vitest'
import { SAMPLE_SERVERS } from '../../test/fixtures/sample-servers.ts'
import { AggregatedPool, called } from '../../test/support/aggregated-pool.ts'
import { settle } from '../../test/support/manual-clock.ts'

const ALL = { sampling: {}, elicitation: {}, roots: { listChanged: true } }

describe('tools/call', () => {
  it('goes to the server that has the tool, whose name there may be another', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client()
    const args = { text: 'grün', '\u{1f426}': [1.5, null] }
    expect(await client.call('mail__search', args)).toMatchObject({ result: { echo: { text: 'grün' } } })
    const mail = await all.process('mail')
    expect(mail.calls).toMatchObject([{ params: { name: 'search' } }])
    expect(await client.call('search')).toHaveProperty('result')
    expect((await all.process('files')).calls).toMatchObject([{ params: { name: 'search' } }])
    expect(all.fake.pool.rows().map(({ clients }) => clients)).toEqual([0, 1, 1])
  })

  it.each([
    ['mail/send_email', 'mail', 'send_email'],
    ['mail__send_email', 'mail', 'send_email'],
    ['send_email', 'mail', 'send_email'],
    ['mail/search', 'mail', 'search'],
    ['mail__search', 'mail', 'search'],
    ['files__search', 'files', 'search'],
    [' mail/search\n', 'mail', 'search'],
  ])('by call_tool takes %s for the tool that it can only be', async (text, server, tool) => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const answer = await all.client().call('call_tool', { tool: text, arguments: { a: 1 } })
    expect(answer).toMatchObject({ result: { echo: { a: 1 } } })
    expect((await all.process(server)).calls).toMatchObject([{ params: { name: tool, arguments: { a: 1 } } }])
  })

  it.each([
    ['an object', { b: '\n{"' }, { b: '\n{"' }],
    ['JSON text', '{"b":\n"ü"}', { b: 'ü' }],
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['null as JSON text', 'null', {}],
    ['an empty text', ' ', {}],
  ])('by call_tool takes %s for arguments', async (_, given, expected) => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const answer = await all.client().call('call_tool', { tool: 'send_email', arguments: given })
    expect(answer).toMatchObject({ result: { echo: expected } })
  })

  it.each([
    [{}, '"tool" is required'],
    [{ tool: '' }, '"tool" is required'],
    [{ tool: 7 }, '"tool" is required'],
    [{ tool: 'send_email', arguments: [] }, '"arguments" must be an object'],
    [{ tool: 'send_email', arguments: '{},"x":{}' }, '"arguments" must be an object'],
    [{ tool: 'send_email', arguments: '[1]' }, '"arguments" must be an object'],
    [{ tool: 'send_email', arguments: `{"a":${'['.repeat(70)}${']'.repeat(70)}}` }, 'nests too deep'],
    [{ tool: 'sendmail' }, 'Did you mean mail/send_email'],
    [{ tool: 'mail/sned_email' }, 'Did you mean mail/send_email'],
    [{ tool: 'search' }, 'Say files/search or mail/search.'],
    [{ tool: 'nowhere/x' }, 'There is no server "nowhere". There are: calendar, files, mail.'],
    [{ tool: 'find_tools' }, 'There is no tool "find_tools" of any server. Call it by itself.'],
    [{ server: 'files', tool: 'send_email', arguments: {} }, 'There is no tool "files/send_email"'],
  ])('by call_tool says to the model what is wrong with %j and what to do', async (args, remedy) => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    expect(await all.client().call('call_tool', args)).toMatchObject({
      result: { isError: true, content: [{ type: 'text', text: expect.stringContaining(remedy) }] },
    })
    expect(all.fake.servers.opened).toEqual([])
  })

  it.each(['search', 'mail/search', 'mail__search'])(
    'by call_tool takes %s of the server that is named beside it',
    async (tool) => {
      await using all = await AggregatedPool.of(SAMPLE_SERVERS)
      await all.client().call('call_tool', { server: 'mail', tool, arguments: { a: 1 } })
      expect((await all.process('mail')).calls).toMatchObject([{ params: { name: 'search', arguments: { a: 1 } } }])
    },
  )

  it('by read_result says to the model what is wrong', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    for (const [args, remedy] of [
      [{}, '"id" is required'],
      [{ id: 'none' }, 'call the tool again'],
      [{ id: 'x', offset: -1 }, '"offset" must be a whole number'],
    ] as const) {
      expect(await all.client().call('read_result', args)).toMatchObject({
        result: { isError: true, content: [{ text: expect.stringContaining(remedy) }] },
      })
    }
  })

  it('by call_tool takes a name of several for the one that the client is shown under it', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.pinned = 'files/search'
    expect(await all.client().call('call_tool', { tool: 'search' })).toHaveProperty('result')
    expect((await all.process('files')).calls).toHaveLength(1)
  })

  it('refuses a name that no tool has', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    expect(await all.client().call('sendmail')).toMatchObject({
      error: { code: -32602, message: 'There is no tool "sendmail". Did you mean mail/send_email?' },
    })
  })

  it.each(['withheld', 'mail/withheld', 'mail__withheld'])(
    'leaves the pool to refuse what is withheld: %s',
    async (name) => {
      await using all = await AggregatedPool.of(SAMPLE_SERVERS)
      expect(await all.client().call(name)).toMatchObject({
        error: { code: -32013, message: expect.stringContaining('the tool "withheld" is withheld: ') },
      })
      expect(all.fake.servers.opened).toEqual([])
    },
  )

  it('leaves a server that was never listed to say whether it has the tool', async () => {
    await using all = await AggregatedPool.of([])
    await all.fake.configure('new')
    expect(await all.client().call('call_tool', { tool: 'new/echo' })).toHaveProperty('result')
  })

  it('introduces the client to the server as it introduced itself', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client({ capabilities: ALL })
    await client.call('send_email')
    await client.call('list_emails')
    const { messages } = await all.process('mail')
    expect(messages.map(({ method }) => method)).toEqual([
      'initialize',
      'notifications/initialized',
      'tools/call',
      'tools/call',
    ])
    expect(all.fake.pool.row('mail')).toMatchObject({ clients: 1 })
  })

  it('relays progress under the client’s own token', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    const client = all.client()
    const calls = ['send_email', 'read_file'].map((name, index) =>
      client.request('tools/call', { name, _meta: { progressToken: `token ${index}` } }),
    )
    for (const name of ['mail', 'files']) {
      const server = await all.process(name)
      const { params } = await called(server)
      const { progressToken } = (params?.['_meta'] ?? {}) as { progressToken?: number }
      server.say({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
      server.answer()
    }
    await Promise.all(calls)
    expect(client.messages.flatMap(({ params }) => params ?? [])).toEqual([
      { progressToken: 'token 0', progress: 1 },
      { progressToken: 'token 1', progress: 1 },
    ])
  })

  it('is cancelled at the server that has it, and nowhere else', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.fake.servers.behaviour.calls = 'hold'
    const client = all.client()
    void client.call('send_email')
    const kept = client.call('read_file')
    const [mail, files] = [await all.process('mail'), await all.process('files')]
    const { id } = await called(mail)
    await called(files)
    client.send({ method: 'notifications/cancelled', params: { requestId: 1 } })
    expect(mail.messages.at(-1)).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } })
    files.answer()
    expect(await kept).toHaveProperty('result')
    expect(files.messages.some(({ method }) => method === 'notifications/cancelled')).toBe(false)
    expect(client.messages.map((message) => message.id)).toEqual(['hello', 2])
  })

  it('is forgotten when it is cancelled before a server is asked', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client()
    void client.call('call_tool', { tool: 'send_email' })
    client.send({ method: 'notifications/cancelled', params: { requestId: 1 } })
    await settle()
    expect(client.messages).toHaveLength(1)
    expect(all.fake.servers.opened).toEqual([])
  })
})
