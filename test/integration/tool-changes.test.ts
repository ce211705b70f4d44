import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { ServerStatus } from '../../shared/contracts/server-status.ts'
import { allServersSocketPath, serverSocketPath } from '../../shared/server-socket.ts'
import { LineClient } from '../support/line-client.ts'
import { OwnWorker } from '../support/own-worker.ts'

const PROGRAM = join(import.meta.dirname, '../fixtures/servers/listed-by-file.cjs')
const SOON = { interval: 50 }

const inputSchema = { type: 'object' }
const KEEP = { name: 'keep', description: 'Stays as it is', inputSchema }
const SWITCH = { name: 'switch', description: 'Does one thing', inputSchema }
const SWITCHED = { ...SWITCH, description: 'Does another thing' }
const NEW = { name: 'new', description: 'Was not there', inputSchema }

/** A worker with a server that lists what the test writes. */
async function listing(tools: unknown[], onToolChange: string) {
  const worker = await OwnWorker.start({})
  const file = join(worker.home.path, 'tools.json')
  const list = (listed: unknown[]) => writeFile(file, JSON.stringify(listed))
  await list(tools)
  await worker.reconfigure({ mcpServers: { one: { command: process.execPath, args: [PROGRAM, file], onToolChange } } })
  await vi.waitFor(async () => expect(await worker.listed()).toBe(1), SOON)
  const runtime = worker.runtime
  const row = async () => (await worker.status()).servers[0] as ServerStatus
  return {
    worker,
    row,
    one: () => new LineClient(serverSocketPath(runtime, 'one')),
    all: () => new LineClient(allServersSocketPath(runtime)),
    /** Starts a worker over the server that lists these now, and uses it. */
    async change(listed: unknown[], isNoticed: (row: ServerStatus) => boolean) {
      await list(listed)
      await worker.restart()
      await worker.execute('one', { tool: 'keep' })
      await vi.waitFor(async () => expect(isNoticed(await row())).toBe(true), SOON)
    },
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  }
}

async function namesFor(client: LineClient): Promise<unknown[]> {
  await client.hello()
  const { result } = await client.ask('tools/list')
  const { tools } = result as { tools: { name: string }[] }
  return tools.map(({ name }) => name)
}

describe('tools that are not as they were accepted', () => {
  it('are served and flagged', async () => {
    await using server = await listing([KEEP, SWITCH], 'warn')
    expect(await server.row()).toMatchObject({ tools_changed: null, withheld: [], hidden_characters: [] })
    await server.change([KEEP, SWITCHED, NEW], ({ tools_changed: changed }) => changed !== null)
    expect((await server.row()).tools_changed).toEqual({ changed: ['switch'], added: ['new'], removed: [] })
    using client = server.one()
    expect(await namesFor(client)).toEqual(['keep', 'switch', 'new'])
    expect(await server.worker.acceptTools('one')).toBe(200)
    expect(await server.row()).toMatchObject({ tools_changed: null })
  })

  it('are withheld until they are accepted, everywhere', async () => {
    await using server = await listing([KEEP, SWITCH], 'block')
    await server.change([KEEP, SWITCHED, NEW], ({ withheld }) => withheld.length === 2)
    const { worker } = server
    using client = server.one()
    using ofAll = server.all()
    expect(await namesFor(client)).toEqual(['keep'])
    await ofAll.hello()
    const refused = {
      error: { code: -32013, message: expect.stringContaining('it has changed since it was accepted') },
    }
    expect(await client.call('switch')).toMatchObject(refused)
    expect(await ofAll.call('call_tool', { tool: 'switch' })).toMatchObject(refused)
    const { status, text } = await worker.execute('one', { tool: 'new' })
    expect([status, JSON.parse(text)]).toMatchObject([409, { code: 'tool_withheld' }])
    const found = await ofAll.call('find_tools', { query: 'switch new thing', min_score: 0 })
    expect(JSON.stringify(found)).not.toMatch(/one\/(switch|new)/)

    expect(await worker.acceptTools('one')).toBe(200)
    const news = { method: 'notifications/tools/list_changed' }
    await vi.waitFor(() => expect(client.messages).toContainEqual(expect.objectContaining(news)))
    expect(await client.ask('tools/list')).toMatchObject({ result: { tools: [KEEP, SWITCHED, NEW] } })
    expect(await client.call('switch')).toHaveProperty('result')
    expect(await server.row()).toMatchObject({ withheld: [], tools_changed: null })
    await worker.restart()
    expect(await server.row()).toMatchObject({ withheld: [], tools_changed: null })
  })

  it('are not called by the first call after a start either, of a server that has changed them without a word', async () => {
    await using server = await listing([KEEP, SWITCH], 'block')
    const { worker } = server
    await writeFile(join(worker.home.path, 'tools.json'), JSON.stringify([KEEP, SWITCHED, NEW]))
    for (const tool of ['switch', 'new']) {
      await worker.restart()
      expect(await server.row()).toMatchObject({ state: 'cold', withheld: [] })
      const { status, text } = await worker.execute('one', { tool })
      // Of one that was not there the catalogue knows already that there is none.
      expect([status, text]).toEqual([tool === 'new' ? 404 : 409, expect.stringContaining('one')])
    }
    await worker.restart()
    using client = server.one()
    using ofAll = server.all()
    await Promise.all([client.hello(), ofAll.hello()])
    const refused = { error: { code: -32013 } }
    expect(await client.call('switch')).toMatchObject(refused)
    await worker.restart()
    using again = server.all()
    await again.hello()
    expect(await again.call('call_tool', { tool: 'one/switch' })).toMatchObject(refused)
    expect(await again.call('call_tool', { tool: 'one/keep' })).toHaveProperty('result')
  })

  it('cannot be accepted of a server there is not', async () => {
    await using server = await listing([KEEP], 'block')
    expect(await server.worker.acceptTools('two')).toBe(404)
  })
})

describe('tools that cannot be used', () => {
  it('are withheld alone and named with the reason, also when no server runs', async () => {
    const broken = { name: 'broken', inputSchema: { type: 'object', properties: { a: true } } }
    const long = { ...KEEP, name: 'x'.repeat(129) }
    const odd = { ...KEEP, name: 'odd', description: 'safe\u202Edelete' }
    await using server = await listing([broken, KEEP, { ...KEEP, n: 2 }, long, odd], 'warn')
    const expected = {
      withheld: [
        { tool: 'broken', reason: 'its inputSchema cannot be used: properties.a is not an object' },
        { tool: 'keep', reason: 'a tool of this name was listed before it' },
        { tool: 'x'.repeat(128), reason: 'its name is over 128 characters' },
      ],
      hidden_characters: ['odd'],
    }
    await vi.waitFor(async () => expect(await server.row()).toMatchObject(expected), SOON)
    using client = server.one()
    await client.hello()
    expect(await client.ask('tools/list')).toMatchObject({ result: { tools: [KEEP, odd] } })
    expect(await client.call('broken')).toMatchObject({ error: { code: -32013 } })
    expect(await client.call('keep')).toHaveProperty('result')
    await server.worker.restart()
    expect(await server.row()).toMatchObject({ ...expected, state: 'cold' })
  })
})
