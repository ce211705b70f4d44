import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { FindToolsSuccess } from '../../shared/contracts/find-tools.ts'
import type { Readiness } from '../../shared/contracts/health.ts'
import { fixtureEntry } from '../support/fixture-server.ts'
import { LineClient } from '../support/line-client.ts'
import { OwnWorker } from '../support/own-worker.ts'

const SOON = { interval: 50 }

/** The ids of the tools that are found for a query. */
async function find({ url }: { url: string }, query: string): Promise<string[]> {
  const body = JSON.stringify({ query, min_score: 10 })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}/find_tools`, { method: 'POST', headers, body })
  const { details } = (await response.json()) as FindToolsSuccess
  return details.successful_attachments.map(({ tool_id }) => tool_id)
}

describe('the catalogue of a worker', () => {
  it('lists its servers in the very processes that serve their clients', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `server-${index}`)
    await using worker = await OwnWorker.start({
      mcpServers: Object.fromEntries(names.map((name) => [name, fixtureEntry('counting', [], { maxClients: 25 })])),
    })
    const { service, servers } = await worker.status()
    expect(service.counts).toEqual({ servers: 10, running: 10, clients: 0, in_flight: 0 })
    expect(servers.every((server) => server.last_used === null && server.calls === 0)).toBe(true)
    const clients = names.flatMap((name) => Array.from({ length: 20 }, () => new LineClient(worker.socketOf(name))))
    await Promise.all(
      clients.map(async (client) => {
        await client.hello()
        return client.call('pid')
      }),
    )
    expect(await worker.starts()).toBe(10)
    for (const client of clients) client[Symbol.dispose]()
  })

  it('wakes no server at the next start: what it remembers answers', async () => {
    await using worker = await OwnWorker.start({ mcpServers: { one: fixtureEntry('well-behaved') } })
    expect(await find(worker, 'read a file')).toContain('one/read_file')
    await worker.restart()
    expect(await find(worker, 'read a file')).toContain('one/read_file')
    expect(await worker.starts()).toBe(0)
  })

  it('gives the tools of a server as it sent them, byte for byte, also when it does not run', async () => {
    await using worker = await OwnWorker.start({ mcpServers: { one: fixtureEntry('verbatim') } })
    const tools = async () => {
      const headers = { authorization: `Bearer ${worker.token}` }
      return (await fetch(`${worker.url}/servers/one/tools`, { headers })).text()
    }
    const sent = '{"tools":[{"name":"echo", "inputSchema":{"type":"object"},"n":12345678901234567890}]}'
    // Its bytes are kept once it has been asked for the rest, too.
    await vi.waitFor(async () => expect(await tools()).toBe(sent), SOON)
    await worker.restart()
    expect(await tools()).toBe(sent)
  })

  it('knows the tools of a server that does not run: a call of another is refused, and starts nothing', async () => {
    const one = { ...fixtureEntry('well-behaved'), keepAliveMinutes: 0.005, excludeTools: ['delete_*'] }
    await using worker = await OwnWorker.start({ mcpServers: { one } })
    await expect.poll(async () => (await worker.status()).servers[0]?.state, SOON).toBe('cold')
    for (const [tool, meant] of [
      ['readfile', ['read_file']],
      ['delete_file', []],
    ] as const) {
      const { status, text } = await worker.execute('one', { tool })
      expect([status, JSON.parse(text)]).toMatchObject([
        404,
        { code: 'unknown_tool', details: { did_you_mean: meant } },
      ])
    }
    expect(await worker.starts()).toBe(1)
    expect(await worker.execute('one', { tool: 'read_file' })).toMatchObject({ status: 200 })
  })

  it('has the new tools of a server that says that they have changed', async () => {
    await using worker = await OwnWorker.start({})
    const file = join(worker.home.path, 'tools')
    await writeFile(file, 'add\n')
    await worker.reconfigure({ mcpServers: { growing: fixtureEntry('told-by-file', [file, '--announce']) } })
    await expect.poll(() => find(worker, 'add'), SOON).toEqual(['growing/add'])
    expect(await find(worker, 'photograph')).toEqual([])
    await worker.execute('growing', { tool: 'add', arguments: { name: 'photograph' } })
    await expect.poll(() => find(worker, 'photograph'), SOON).toEqual(['growing/photograph'])
    expect(await worker.starts()).toBe(1)
  })

  it('has the new tools of a server that does not say so once it has started again', async () => {
    await using worker = await OwnWorker.start({})
    const file = join(worker.home.path, 'tools')
    await writeFile(file, 'add\n')
    await worker.reconfigure({
      mcpServers: { silent: { ...fixtureEntry('told-by-file', [file]), keepAliveMinutes: 0.005 } },
    })
    await expect.poll(() => find(worker, 'add'), SOON).toEqual(['silent/add'])
    await expect.poll(async () => (await worker.status()).servers[0]?.state, SOON).toBe('cold')
    await worker.execute('silent', { tool: 'add', arguments: { name: 'photograph' } })
    await expect.poll(() => find(worker, 'photograph'), SOON).toEqual(['silent/photograph'])
  })

  it('has a server that is added to an empty configuration, with its socket and its tools', async () => {
    await using worker = await OwnWorker.start({})
    await expect(access(worker.socketOf('one'))).rejects.toThrow('ENOENT')
    expect(await find(worker, 'read a file')).toEqual([])
    await worker.reconfigure({ mcpServers: { one: fixtureEntry('well-behaved') } })
    await vi.waitFor(() => access(worker.socketOf('one')), SOON)
    using client = new LineClient(worker.socketOf('one'))
    expect(await client.hello()).toHaveProperty('result')
    expect(await find(worker, 'read a file')).toContain('one/read_file')
    expect((await worker.status()).servers).toMatchObject([{ name: 'one', state: 'ready', clients: 1 }])
  })

  it('takes on the next configuration though a server of this one never answers', async () => {
    await using worker = await OwnWorker.start({})
    await worker.reconfigure({ mcpServers: { hangs: fixtureEntry('never-answers') } })
    await expect.poll(async () => (await worker.status()).servers[0]?.state, SOON).toBe('starting')
    const ready = await fetch(`${worker.url}/ready`)
    const { dependencies } = (await ready.json()) as Readiness
    expect([ready.status, dependencies.catalog.reason]).toEqual([503, 'Not listed yet: hangs.'])
    await worker.reconfigure({ mcpServers: { one: fixtureEntry('well-behaved') } })
    await expect.poll(() => find(worker, 'read a file'), SOON).toContain('one/read_file')
    expect((await worker.status()).servers.map(({ name }) => name)).toEqual(['one'])
  })
})
