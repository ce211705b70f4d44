import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer } from '../support/fixture-server.ts'
import { OwnWorker } from '../support/own-worker.ts'

describe('a worker over Streamable HTTP', () => {
  let worker: OwnWorker

  beforeAll(async () => {
    const { command, args } = fixtureServer('well-behaved')
    worker = await OwnWorker.start({ mcpServers: { fixture: { command, args } } })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  it('shows all servers as one at /mcp', async () => {
    const { client } = await connect(worker, '/mcp')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['find_tools', 'call_tool']))
    const found = await client.callTool({ name: 'find_tools', arguments: { query: 'echo', min_score: 0 } })
    expect(found).toMatchObject({ structuredContent: { status: 'success' }, _meta: { 'pilotlight/source': 'worker' } })
    await client.close()
  })

  it('shows a server as itself at /mcp/{server}, and forgets a session that was ended', async () => {
    const { client, transport } = await connect(worker, '/mcp/fixture')
    const [tool] = (await client.listTools()).tools
    expect(tool).toBeDefined()
    await transport.terminateSession()
    await client.close()
    await expect.poll(async () => (await worker.status()).service.counts.clients).toBe(0)
  })

  it('stops in good order while a client listens', async () => {
    await using own = await OwnWorker.start({ mcpServers: {} })
    const { client } = await connect(own, '/mcp')
    own.program.kill('SIGTERM')
    expect(await own.program.exited).toBe(0)
    await client.close()
  })
})

async function connect(worker: OwnWorker, path: string) {
  const client = new Client({ name: 'official', version: '1' })
  const headers = { authorization: `Bearer ${worker.variables.PILOTLIGHT_TOKEN}` }
  const transport = new StreamableHTTPClientTransport(new URL(`${worker.url}${path}`), { requestInit: { headers } })
  await client.connect(transport)
  return { client, transport }
}
