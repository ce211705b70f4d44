import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fixtureEntry } from '../support/fixture-server.ts'
import { LineClient } from '../support/line-client.ts'
import { OwnWorker } from '../support/own-worker.ts'

/** A worker that selects for another one, which has two servers, one of them in common. */
describe('a worker whose tools are selected elsewhere', () => {
  let selecting: OwnWorker
  let worker: OwnWorker
  let client: LineClient
  let file: string

  beforeAll(async () => {
    const stack = new AsyncDisposableStack()
    selecting = stack.use(await OwnWorker.start({ mcpServers: { count: fixtureEntry('counting', ['/dev/null']) } }))
    file = join(selecting.home.path, 'tools.json')
    await writeFile(file, JSON.stringify([{ name: 'own', inputSchema: { type: 'object' } }]))
    const own = { ...fixtureEntry('listed-by-file', [file]), onToolChange: 'block', pinnedTools: ['own'] }
    const mcpServers = { count: fixtureEntry('counting', ['/dev/null']), own }
    worker = stack.use(await OwnWorker.start({}, { TOOL_SELECTOR_URL: selecting.url }))
    await worker.reconfigure({ mcpServers })
    // It says itself when it knows them; how many can be found, the other one says.
    while ((await worker.status()).servers.length < 2) await sleep(20)
    while ((await fetch(`${worker.url}/ready`)).status !== 200) await sleep(20)
    client = new LineClient(worker.socketOf())
    await client.hello()
    stack.move()
  })
  afterAll(async () => {
    client[Symbol.dispose]()
    await worker[Symbol.asyncDispose]()
    await selecting[Symbol.asyncDispose]()
  })

  const list = async () => {
    const { result = {} } = await client.ask('tools/list')
    return result['tools'] as { name: string; description: string }[]
  }
  const names = async () => {
    const tools = await list()
    return tools.map(({ name }) => name)
  }

  it('shows clients of all servers what is pinned, and what was found there and is here', async () => {
    expect(await names()).toEqual(['find_tools', 'call_tool', 'own'])
    const found = await client.call('find_tools', { query: 'count', min_score: 0, limit: 1 })
    expect(found).toMatchObject({ result: { structuredContent: { status: 'success' } } })
    expect(client.messages).toContainEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    expect(await names()).toEqual(['find_tools', 'call_tool', 'own', 'count'])
  })

  it('takes a call by the name of a tool, and says what was meant perhaps', async () => {
    for (const tool of ['own', 'own/own', 'own__own']) {
      expect(await client.call('call_tool', { tool })).toMatchObject({ result: { content: [{ text: 'own' }] } })
    }
    const { result } = await client.call('call_tool', { tool: 'cuont' })
    expect(JSON.stringify(result)).toContain('Did you mean count/count')
  })

  it.each([
    { query: 'count', min_score: 0 },
    { query: 'count', min_score: 0, limit: 1, detailed_response: true },
    { query: 'count', min_score: 0, compact: true },
    { query: 'quantum teleportation of bananas' },
    { query: 'count', min_score: 0, agent_id: 'ada', keep_tools: ['count/die'] },
    {},
    { query: 7 },
  ])('gives the answer that is given there to %j', async (body) => {
    const ask = async ({ url }: OwnWorker) => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${url}/find_tools`, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: response.status, answer: await response.json() }
    }
    // Whatever an agent had before it asked the first time, it has not the second time.
    await ask(selecting)
    expect(await ask(worker)).toEqual(await ask(selecting))
  })

  it('says in find_tools what can be found there', async () => {
    const [findTools] = await list()
    expect(findTools?.description).toContain('4 tools')
  })

  it('withholds tools that have changed, until they are accepted', async () => {
    await writeFile(file, JSON.stringify([{ name: 'own', description: 'Other', inputSchema: { type: 'object' } }]))
    expect(await worker.post('/servers/own/restart')).toBe(200)
    expect(await client.call('own')).toMatchObject({ error: { code: -32013 } })
    await vi.waitFor(async () => {
      const { servers } = await worker.status()
      expect(servers.find(({ name }) => name === 'own')?.withheld).toMatchObject([{ tool: 'own' }])
    })
    expect(await worker.acceptTools('own')).toBe(200)
    expect(await client.call('own')).toHaveProperty('result')
    using one = new LineClient(worker.socketOf('own'))
    await one.hello()
    expect(await one.ask('tools/list')).toMatchObject({ result: { tools: [{ description: 'Other' }] } })
  })
})
