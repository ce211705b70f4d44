import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readEnvironment } from '../../shared/environment.ts'
import { forgetFirstTools, readFirstTools, writeFirstTools } from '../../shared/first-tools.ts'
import { fixtureEntry } from '../support/fixture-server.ts'
import { FrontClient } from '../support/front-client.ts'
import { OwnWorker } from '../support/own-worker.ts'
import { runPilot } from '../support/run-pilot.ts'

const CHANGED = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
const SERVER = fixtureEntry('counting', ['/dev/null'], { pinnedTools: ['pid'] })

describe('the first list of tools that a front gives', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await OwnWorker.start({ mcpServers: { one: SERVER } })
  })
  afterAll(() => worker[Symbol.asyncDispose]())
  beforeEach(async () => {
    if (!worker.program.running) await worker.comeBack()
    await vi.waitUntil(() => remembered()?.includes('"pid"'))
  })
  afterEach(() => worker.reconfigure({ mcpServers: { one: SERVER } }))

  const remembered = () => readFirstTools(readEnvironment(worker.variables))

  /** A front on nothing but what is remembered, unless a worker comes. */
  async function connect(more: Record<string, string> = {}): Promise<FrontClient> {
    const { args, env } = worker.front()
    const [program = '', ...rest] = args
    const client = new FrontClient(program, { ...env, ...more }, [], rest)
    await client.initialize()
    return client
  }

  const listed = async (client: FrontClient) => JSON.stringify((await client.ask('tools/list')).result)

  it('is the one that the worker gives, byte for byte, and the client hears nothing of a worker that gives the same', async () => {
    await worker.leave()
    await using client = await connect()
    const first = await listed(client)
    expect(first).toBe(remembered())
    await worker.comeBack()
    // A call is answered behind the question whether the tools are these.
    expect(await client.ask('tools/call', { name: 'pid', arguments: {} })).toHaveProperty('result')
    expect(await listed(client)).toBe(first)
    expect(client.lines).not.toContain(CHANGED)
  })

  it('is followed by news where the worker that comes has other tools, once', async () => {
    await worker.leave()
    await using client = await connect()
    await listed(client)
    await worker.reconfigure({ mcpServers: { one: { ...SERVER, pinnedTools: ['pid', 'count'] } } })
    await worker.comeBack()
    await vi.waitFor(() => expect(client.lines).toContain(CHANGED))
    expect(await listed(client)).toContain('"count"')
    expect(client.lines.filter((line) => line === CHANGED)).toHaveLength(1)
  })

  it('is followed by news of what changes later, though the worker was never asked by the client', async () => {
    await using client = await connect()
    const first = await listed(client)
    await client.ask('tools/call', { name: 'pid', arguments: {} })
    await worker.reconfigure({ mcpServers: { one: { ...SERVER, pinnedTools: ['die'] } } })
    await vi.waitFor(() => expect(client.lines).toContain(CHANGED))
    expect(await listed(client)).not.toBe(first)
  })

  it('is made anew where the configuration has changed and no worker knows it yet', async () => {
    await worker.leave()
    await worker.reconfigure({ mcpServers: { one: { ...SERVER, pinnedTools: ['die'] } } })
    await using client = await connect()
    expect(await listed(client)).toContain('"die"')
  })

  it('is made anew after a command has listed a server for the first time', async () => {
    await worker.leave()
    await worker.reconfigure({ mcpServers: { one: SERVER, two: fixtureEntry('verbatim', [], { pinnedTools: ['*'] }) } })
    // As a worker leaves it that was ended before it had listed the other one.
    await writeFirstTools(readEnvironment(worker.variables), '{"tools":[]}')
    await runPilot(['find', 'anything', '--direct'], { variables: worker.variables })
    expect(remembered()).toBeUndefined()
    await using client = await connect()
    expect(await listed(client)).toContain('"echo"')
  })

  it('is refused where it is asked for from a cursor', async () => {
    await worker.leave()
    await using client = await connect()
    expect(await client.ask('tools/list', { cursor: 'x' })).toMatchObject({ error: { code: -32602 } })
  })

  it('is the worker\u2019s where only that may answer', async () => {
    await worker.leave()
    await using client = await connect({ FIND_TOOLS_MODE: 'worker', WORKER_REQUEST_TIMEOUT_MS: '300' })
    expect(await client.ask('tools/list')).toMatchObject({ error: { code: -32010 } })
  })

  it('is had from elsewhere where nothing is remembered', async () => {
    forgetFirstTools(readEnvironment(worker.variables))
    await worker.leave()
    await using client = await connect()
    expect(await listed(client)).toContain('"pid"')
  })
})
