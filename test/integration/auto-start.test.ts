import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { askToEnd } from '../../shared/worker-presence.ts'
import { BackgroundHome } from '../support/background-home.ts'
import { FrontClient, type RpcAnswer } from '../support/front-client.ts'
import { PILOT } from '../support/worker-process.ts'

const SERVER = join(import.meta.dirname, '../fixtures/servers/well-behaved.cjs')
const ONE_SERVER = { mcpServers: { one: { command: process.execPath, args: [SERVER] } } }
const ignored = new AbortController().signal

async function configure({ environment }: BackgroundHome, configuration: object): Promise<void> {
  await mkdir(dirname(environment.configPath), { recursive: true })
  await writeFile(environment.configPath, JSON.stringify(configuration), { mode: 0o600 })
}

function pilot({ variables }: BackgroundHome, args: string[], more: Record<string, string> = {}): FrontClient {
  return new FrontClient(PILOT, { ...variables, ...more }, [], args)
}

function sourceOf({ result: { _meta: meta } = {} }: RpcAnswer): unknown {
  return meta?.['pilotlight/source']
}

describe('pilot mcp where no worker runs', () => {
  it('has one started in the background, and answers meanwhile', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, ONE_SERVER)
    await using front = pilot(home, ['mcp'])
    void front.initialize()
    // Asked in one breath: a worker needs longer to start than the front to read on.
    expect(sourceOf(await front.findTools({ query: 'read a file' }))).toBe('one-shot')
    await vi.waitFor(async () => expect(sourceOf(await front.findTools({ query: 'read' }))).toBe('worker'))
    expect(home.workers()).toHaveLength(1)
    expect(front.stderr).toMatch(/^pilot mcp: started the worker \(process \d+, http:\/\/127\.0\.0\.1:\d+\)$/m)
    await front.leave()
    expect(home.workers()).toHaveLength(1)
  })

  it('has one started for many clients at once', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, ONE_SERVER)
    await using stack = new AsyncDisposableStack()
    const fronts = Array.from({ length: 5 }, () => stack.use(pilot(home, ['mcp'])))
    await Promise.all(fronts.map((front) => front.initialize()))
    const answers = fronts.map((front) =>
      front.ask('tools/call', { name: 'call_tool', arguments: { tool: 'one/read_file', arguments: {} } }),
    )
    for (const answer of await Promise.all(answers)) expect(answer.error).toBeUndefined()
    expect(home.workers()).toHaveLength(1)
  })

  it('has another one started by the next request where it was killed, and by nothing where it was ended', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, ONE_SERVER)
    await using front = pilot(home, ['mcp'])
    await front.initialize()
    const call = () =>
      front.ask('tools/call', { name: 'call_tool', arguments: { tool: 'one/read_file', arguments: {} } })
    expect((await call()).error).toBeUndefined()
    const [first = 0] = home.workers()
    await home.killWorkers()
    await vi.waitFor(async () => expect((await call()).error).toBeUndefined())
    const says = `the worker (process ${first}) had ended without a word; started another`
    await vi.waitFor(() => expect(front.stderr).toContain(says))

    await askToEnd(home.environment.folders.runtime, ignored)
    await vi.waitFor(() => expect(home.workers()).toEqual([]))
    expect((await front.ask('ping')).error).toBeUndefined()
    expect(home.workers()).toEqual([])
    expect((await call()).error).toBeUndefined()
    expect(home.workers()).toHaveLength(1)
  })

  it.each([
    ['the configuration', {}, { ...ONE_SERVER, service: { autoStart: false } }],
    ['a variable', { WORKER_AUTO_START: 'false' }, ONE_SERVER],
  ])('has none started where %s forbids it', async (_, variables, configuration) => {
    await using home = await BackgroundHome.create()
    await configure(home, configuration)
    await using front = pilot(home, ['mcp'], variables)
    await front.initialize()
    expect(sourceOf(await front.findTools({ query: 'read a file' }))).toBe('one-shot')
    const { exitCode } = await ended(pilot(home, ['connect', 'one'], variables))
    expect(exitCode).toBe(69)
    expect(home.workers()).toEqual([])
  })

  it('says why where it does not start', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, { mcpServers: 1 })
    await using front = pilot(home, ['mcp'])
    await front.initialize()
    await vi.waitFor(() => expect(front.stderr).toContain('pilot mcp: The worker did not start.'))
    expect(front.stderr).toContain('"mcpServers" must be an object')
  })

  it('has none started where somebody else runs it', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, ONE_SERVER)
    await using front = pilot(home, ['mcp'], { WORKER_SERVICE_URL: 'http://127.0.0.1:9' })
    await front.initialize()
    expect(sourceOf(await front.findTools({ query: 'read a file' }))).toBe('one-shot')
    expect(home.workers()).toEqual([])
  })
})

describe('pilot connect where no worker runs', () => {
  it('has one started, and is its server', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, ONE_SERVER)
    await using client = pilot(home, ['connect', 'one'])
    expect((await client.initialize()).result).toMatchObject({ serverInfo: { title: 'Files' } })
    const answer = await client.ask('tools/call', { name: 'read_file', arguments: {} })
    expect(answer.result).toMatchObject({ content: [{ text: 'read_file' }] })
    expect(await client.leave()).toBe(0)
    expect(home.workers()).toHaveLength(1)
  })

  it('names the servers there are, or says that there is none', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, ONE_SERVER)
    const { exitCode, stderr } = await ended(pilot(home, ['connect', 'two']))
    expect(exitCode).toBe(2)
    expect(stderr).toContain('pilot connect: There is no server "two". There are: one.')
    await configure(home, { mcpServers: {} })
    await vi.waitFor(async () => {
      const again = await ended(pilot(home, ['connect', 'two']))
      expect(again.stderr).toContain(`There is no server "two". None is configured.`)
    })
  })

  it('says why where it does not start', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, { mcpServers: 1 })
    const { exitCode, stderr } = await ended(pilot(home, ['connect', 'one']))
    expect(exitCode).toBe(78)
    expect(stderr).toContain('pilot connect: The worker did not start.')
  })
})

async function ended(client: FrontClient): Promise<{ exitCode: number | null; stderr: string }> {
  const exitCode = await new Promise<number | null>((resolve) => client.child.once('close', resolve))
  return { exitCode, stderr: client.stderr }
}
