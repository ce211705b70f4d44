import { describe, expect, it } from 'vitest'
import { SAMPLE_SERVERS, sampleServer, sampleTool } from '../../test/fixtures/sample-servers.ts'
import { AggregatedPool } from '../../test/support/aggregated-pool.ts'
import type { TestClient } from '../../test/support/pool-client.ts'

const LARGE = Array.from({ length: 2_000 }, (_, line) => `line ${line}`).join('\n')

async function poolWithLargeResults(): Promise<AggregatedPool> {
  const structured = { ...sampleTool('report', 'Report'), outputSchema: { type: 'object' } }
  const all = await AggregatedPool.of([...SAMPLE_SERVERS, sampleServer('reports', [structured])])
  all.maxResultBytes = 4_096
  const result = { content: [{ type: 'text', text: LARGE }], structuredContent: { a: 1 }, _meta: { x: 1 } }
  const large = { capabilities: {}, results: { 'tools/call': () => result } }
  all.fake.servers.behaviour.features = { mail: large, reports: large }
  return all
}

async function namesFor(client: TestClient): Promise<unknown[]> {
  const { result } = await client.request('tools/list')
  return ((result?.['tools'] ?? []) as { name: string }[]).map(({ name }) => name)
}

/** The id that a shortened result tells. */
function idIn(result: unknown): string {
  return /\{\\"id\\":\\"([^\\]+)\\"/.exec(JSON.stringify(result))?.[1] ?? ''
}

describe('a result that is too large to be given at once', () => {
  it.each([
    ['send_email', {}],
    ['call_tool', { tool: 'mail/send_email' }],
    ['mail/send_email', {}],
  ])('by %s is shortened, and read on with read_result', async (name, args) => {
    await using all = await poolWithLargeResults()
    const client = all.client()
    const { result } = await client.call(name, args)
    expect(JSON.stringify(result).length).toBeLessThan(3_000)
    expect(result).toMatchObject({
      content: [{ text: LARGE.slice(0, 1_024) }, {}, {}, { type: 'resource_link' }],
      _meta: { x: 1 },
    })
    expect(result).not.toHaveProperty('structuredContent')
    const id = idIn(result)
    const read = await client.call('read_result', { id, offset: 1_024, length: 100 })
    expect(read).toMatchObject({ result: { content: [{ text: LARGE.slice(1_024, 1_124) }, {}] } })
    const found = await client.call('read_result', { id, grep: 'line 1234' })
    expect(found).toMatchObject({ result: { content: [{ text: expect.stringMatching(/^\d+: line 1234$/) }, {}] } })
  })

  it('can be read as a resource', async () => {
    await using all = await poolWithLargeResults()
    const client = all.client()
    const { result } = await client.call('send_email')
    const uri = `pilotlight:result/${idIn(result)}`
    expect(await client.request('resources/read', { uri })).toMatchObject({
      result: { contents: [{ uri, text: LARGE }] },
    })
    const other = await all.client().request('resources/read', { uri })
    expect(other).toMatchObject({ error: { code: -32602, message: expect.stringContaining('There is no result') } })
  })

  it('has read_result listed from then on, of which the client is told', async () => {
    await using all = await poolWithLargeResults()
    const client = all.client()
    expect(await namesFor(client)).toEqual(['find_tools', 'call_tool'])
    await client.call('send_email')
    await client.call('send_email')
    const news = client.messages.filter(({ method }) => method === 'notifications/tools/list_changed')
    expect(news).toHaveLength(1)
    expect(await namesFor(client)).toEqual(['find_tools', 'call_tool', 'read_result'])
    expect(await namesFor(all.client())).toEqual(['find_tools', 'call_tool'])
  })

  it('keeps the structured content that the tool has promised', async () => {
    await using all = await poolWithLargeResults()
    const client = all.client()
    expect(await client.call('report')).toMatchObject({ result: { structuredContent: { a: 1 } } })
    expect((await client.call('call_tool', { tool: 'report' })).result).not.toHaveProperty('structuredContent')
  })

  it('has no links in it for a client that does not know them', async () => {
    await using all = await poolWithLargeResults()
    const client = all.client()
    await client.request('initialize', { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: {} })
    expect(JSON.stringify(await client.call('send_email'))).not.toContain('resource_link')
  })

  it('is given at once where nothing is too large', async () => {
    await using all = await poolWithLargeResults()
    all.maxResultBytes = 0
    expect(await all.client().call('send_email')).toMatchObject({ result: { content: [{ text: LARGE }] } })
  })

  it('belongs to the session, whichever connection it came over', async () => {
    await using all = await poolWithLargeResults()
    const first = all.client({ session: 'front' })
    const { result } = await first.call('send_email')
    first.close()
    const again = await all.client({ session: 'front' }).call('read_result', { id: idIn(result) })
    expect(again).toHaveProperty('result')
  })
})
