import { describe, expect, it } from 'vitest'
import { SAMPLE_SERVERS, sampleServer, sampleTool } from '../../test/fixtures/sample-servers.ts'
import { AggregatedPool } from '../../test/support/aggregated-pool.ts'
import type { TestClient } from '../../test/support/pool-client.ts'

async function namesFor(client: TestClient): Promise<string[]> {
  const { result } = await client.request('tools/list')
  return ((result?.['tools'] ?? []) as { name: string }[]).map(({ name }) => name)
}

describe('tools/list', () => {
  it('shows our own tools, the pinned ones and those that the client had attached, in this order', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    all.pinned = 'calendar/list_events'
    const client = all.client()
    expect(await namesFor(client)).toEqual(['find_tools', 'call_tool', 'list_events'])
    await client.call('find_tools', { query: 'send_email', limit: 1 })
    await client.call('find_tools', { query: 'read_file', limit: 1, keep_tools: 'mail/send_email' })
    expect(await namesFor(client)).toEqual(['find_tools', 'call_tool', 'list_events', 'send_email', 'read_file'])
    expect(all.fake.servers.opened).toEqual([])
  })

  it('has a tool’s definition as its server gave it, but for a name that another tool has', async () => {
    const odd = {
      ...sampleTool('search', 'Odd'),
      title: 'S',
      annotations: { readOnlyHint: true },
      x: [1.5, { y: null }],
    }
    await using all = await AggregatedPool.of([
      sampleServer('a', [sampleTool('search', 'One')]),
      sampleServer('b', [odd]),
    ])
    all.pinned = 'b/search'
    const { result } = await all.client().request('tools/list')
    expect(result?.['tools']).toMatchObject([
      { name: 'find_tools' },
      { name: 'call_tool' },
      { ...odd, name: 'b__search' },
    ])
  })

  it('is the same text every time', async () => {
    const texts = await Promise.all(
      Array.from({ length: 3 }, async () => {
        await using all = await AggregatedPool.of(SAMPLE_SERVERS)
        const client = all.client({ session: 'same' })
        await client.call('find_tools', { query: 'search' })
        return JSON.stringify((await client.request('tools/list')).result)
      }),
    )
    expect(new Set(texts).size).toBe(1)
  })

  it('tells what can be found in the description of find_tools', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const { result } = await all.client().request('tools/list')
    expect(JSON.stringify(result)).toContain('Can find 10 tools of files, mail, calendar.')
  })

  it('keeps what one client attached from the others, and gives it to the same session again', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const [one, other] = [all.client({ session: 'one' }), all.client()]
    await one.call('find_tools', { query: 'send_email', limit: 1 })
    expect(await namesFor(other)).toEqual(['find_tools', 'call_tool'])
    one.close()
    expect(await namesFor(all.client({ session: 'one' }))).toEqual(['find_tools', 'call_tool', 'send_email'])
  })

  it('shows what is attached to the agent that the client names', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client()
    await client.call('find_tools', { query: 'send_email', limit: 1, agent_id: 'bob' })
    expect(await namesFor(client)).toContain('send_email')
    await client.call('find_tools', { query: 'read_file', limit: 1 })
    expect(await namesFor(client)).toEqual(['find_tools', 'call_tool', 'read_file'])
  })
})

describe('notifications/tools/list_changed', () => {
  const news = ({ messages }: TestClient) => messages.filter(({ method }) => method !== undefined)
  const CHANGED = { method: 'notifications/tools/list_changed' }

  it('comes before the answer of a find_tools that attached something, once until the tools are listed anew', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const client = all.client()
    await namesFor(client)
    await client.call('find_tools', { query: 'send_email', limit: 1 })
    expect(client.messages.slice(-2)).toMatchObject([CHANGED, { result: {} }])
    await client.call('find_tools', { query: 'read_file', limit: 1 })
    expect(news(client)).toHaveLength(1)
    await namesFor(client)
    await client.call('find_tools', { query: 'read_file', limit: 1 })
    expect(news(client)).toHaveLength(1)
  })

  it('comes once for many changes of the catalogue, to clients that hold another list', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const [listed, silent] = [all.client(), all.client()]
    await namesFor(listed)
    for (const tool of ['a', 'b', 'c']) all.list(sampleServer('mail', [sampleTool(tool, tool)]))
    await all.fake.clock.advance(1_000)
    expect(news(listed)).toMatchObject([CHANGED])
    expect(news(silent)).toEqual([])
    await namesFor(listed)
    all.aggregator.listChanged('tools')
    await all.fake.clock.advance(1_000)
    expect(news(listed)).toHaveLength(1)
  })
})

describe('find_tools', () => {
  it('is answered with the same object as text and as structured content, and says who answered', async () => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const { result } = await all.client().call('find_tools', { query: 'send an email', limit: 1 })
    expect(result).toMatchObject({
      structuredContent: { status: 'success', details: { successful_attachments: [{ tool_id: 'mail/send_email' }] } },
      _meta: { 'pilotlight/source': 'worker' },
    })
    const [item] = (result?.['content'] ?? []) as { text: string }[]
    expect(JSON.parse(item?.text ?? '')).toEqual(result?.['structuredContent'])
  })

  it.each([{}, { query: 'x', limit: {} }])('is an error result for %j', async (args) => {
    await using all = await AggregatedPool.of(SAMPLE_SERVERS)
    const { result } = await all.client().call('find_tools', args)
    expect(result).toMatchObject({ isError: true, structuredContent: { status: 'error', code: 'invalid_request' } })
  })
})
