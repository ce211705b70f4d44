import { describe, expect, it, vi } from 'vitest'
import { FakePool } from '../../test/support/fake-pool.ts'
import type { FakeFeatures } from '../../test/support/fake-servers.ts'
import { TestClient } from '../../test/support/pool-client.ts'
import type { ServerDefinition } from './server-definition.ts'

const NEVER = new AbortController().signal
const REFUSED = { error: { code: -32013, data: { delivered: 'no' } } }

/** A server that lists these tools and says that it does so only when it is asked. */
function listing(...names: string[]): Record<string, FakeFeatures> {
  const tools = names.map((name) => ({ name }))
  return { one: { capabilities: {}, results: { 'tools/list': () => ({ tools }) } } }
}

async function poolWith(onToolChange: ServerDefinition['onToolChange']): Promise<FakePool> {
  const fake = new FakePool()
  // Nothing is known before the server has listed its tools.
  fake.whyWithheld = () => undefined
  await fake.configure({ name: 'one', onToolChange })
  return fake
}

describe('the tools of a server that withholds changed ones', () => {
  it('are looked at after each start, before any is called', async () => {
    await using fake = await poolWith('block')
    fake.servers.behaviour.features = listing('echo', 'withheld')
    const client = new TestClient(fake.pool, 'one')
    expect(await client.call('withheld')).toMatchObject(REFUSED)
    await expect(
      fake.pool.call('one', { tool: 'withheld', arguments: Buffer.from('{}') }, NEVER),
    ).rejects.toMatchObject({ code: 'tool_withheld' })
    expect(await client.call('echo')).toHaveProperty('result')
    fake.servers.behaviour.features = listing('echo')
    await fake.pool.restart('one')
    expect(await client.call('withheld')).toHaveProperty('result')
    expect(fake.servers.opened.map(({ calls }) => calls.length)).toEqual([1, 1])
  })

  it('are called at once where nothing is withheld for a change', async () => {
    await using fake = await poolWith('warn')
    fake.servers.behaviour.features = listing('withheld')
    expect(await new TestClient(fake.pool, 'one').call('withheld')).toHaveProperty('result')
    expect(fake.servers.last.messages.map(({ method }) => method)).not.toContain('tools/list')
  })

  it('are looked at anew when they are accepted, or the choice of them is another', async () => {
    await using fake = await poolWith('block')
    fake.servers.behaviour.features = listing('withheld')
    const client = new TestClient(fake.pool, 'one')
    expect(await client.call('withheld')).toMatchObject(REFUSED)
    fake.withheldAmong = () => new Map()
    fake.pool.toolsChanged('one')
    expect(await client.call('withheld')).toHaveProperty('result')
    await fake.configure({ name: 'one', onToolChange: 'block', excludeTools: ['withheld'] })
    expect(client.messages.at(-1)).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    expect(await client.call('withheld')).toMatchObject({ error: { code: -32602 } })
  })
})

describe('a server that is redefined while it starts', () => {
  it('answers as it was defined what was asked before, and as it is defined now what comes after', async () => {
    await using fake = await poolWith('warn')
    fake.servers.behaviour.start = 'silent'
    fake.servers.behaviour.features = listing('old')
    const client = new TestClient(fake.pool, 'one')
    const before = client.request('tools/list')
    await vi.waitFor(() => expect(fake.servers.opened).toHaveLength(1))
    const redefined = fake.configure({ name: 'one', args: ['new'] })
    const after = fake.pool.ask('one', { method: 'tools/list', params: {} }, NEVER)
    const greeting = fake.pool.greet('one', NEVER)
    const [first] = fake.servers.opened
    fake.servers.behaviour.start = 'ready'
    for (const { id, method } of first?.messages ?? []) {
      if (id !== undefined && method === 'initialize')
        first?.say({ id, result: { protocolVersion: '2025-11-25', old: 1 } })
    }
    expect(await before).toMatchObject({ result: { tools: [{ name: 'old' }] } })
    fake.servers.behaviour.features = listing('new')
    await redefined
    expect(JSON.parse(String(await after))).toEqual({ tools: [{ name: 'new' }] })
    expect(JSON.parse(String(await greeting))).not.toHaveProperty('old')
  })
})
