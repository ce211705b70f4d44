import { describe, expect, it } from 'vitest'
import { FakePool } from '../../test/support/fake-pool.ts'
import { TestClient } from '../../test/support/pool-client.ts'

const GREETING =
  '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"one","version":"1"}}'
const TOOLS = '{"tools":[{"name":"echo"},{"name":"withheld"},{"name":"rm"}]}'
const NEVER = new AbortController().signal

/** A pool that remembers its server `one`. */
async function remembering(settings: { excludeTools?: string[]; share?: 'client' } = {}): Promise<FakePool> {
  const fake = new FakePool()
  fake.remembered.set('one initialize', GREETING)
  fake.remembered.set('one tools/list', TOOLS)
  fake.remembered.set('one prompts/list', '{"prompts":[]}')
  await fake.configure({ name: 'one', ...settings })
  return fake
}

const greeted = { id: 'hello', result: { serverInfo: { version: '1' } } }

describe('a server that is remembered', () => {
  it('greets and lists while it is cold, and is started by the first call', async () => {
    await using fake = await remembering()
    const client = new TestClient(fake.pool, 'one')
    expect(client.messages).toMatchObject([greeted])
    expect(await client.request('prompts/list')).toMatchObject({ result: { prompts: [] } })
    expect([fake.servers.opened.length, fake.pool.row('one')]).toMatchObject([0, { state: 'cold', clients: 1 }])
    expect(await client.call()).toHaveProperty('result')
    expect(fake.servers.opened).toHaveLength(1)
  })

  it('lists no tool that is left out or withheld', async () => {
    await using fake = await remembering({ excludeTools: ['rm'] })
    const client = new TestClient(fake.pool, 'one')
    expect(await client.request('tools/list')).toMatchObject({ result: { tools: [{ name: 'echo' }] } })
    expect(fake.servers.opened).toEqual([])
  })

  it('shows nobody what the process of somebody else has in its lists, but the tools', async () => {
    await using fake = await remembering({ share: 'client' })
    const client = new TestClient(fake.pool, 'one', { identity: 'a' })
    expect(client.messages).toMatchObject([greeted])
    expect(await client.request('tools/list')).toHaveProperty('result')
    expect(fake.servers.opened).toEqual([])
    void client.request('prompts/list')
    await fake.clock.advance(0)
    expect(fake.servers.opened).toHaveLength(1)
  })

  it('is asked by the service all the same', async () => {
    await using fake = await remembering()
    const greeting = await fake.pool.greet('one', NEVER)
    expect([fake.servers.opened.length, JSON.parse(String(greeting))]).toMatchObject([
      1,
      { serverInfo: { name: 'one' } },
    ])
  })

  it('tells its clients when there are other tools to be shown', async () => {
    await using fake = await remembering()
    const client = new TestClient(fake.pool, 'one')
    fake.pool.toolsChanged('one')
    fake.pool.toolsChanged('two')
    expect(client.messages.slice(1)).toMatchObject([{ method: 'notifications/tools/list_changed' }])
  })
})
