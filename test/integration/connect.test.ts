import { once } from 'node:events'
import { chown, mkdir, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Readiness } from '../../shared/contracts/health.ts'
import { readEnvironment } from '../../shared/environment.ts'
import { serverSocketPath } from '../../shared/server-socket.ts'
import { fixtureEntry } from '../support/fixture-server.ts'
import { FrontClient } from '../support/front-client.ts'
import { LineClient } from '../support/line-client.ts'
import { OwnWorker } from '../support/own-worker.ts'
import { commandOf, processesMentioning } from '../support/processes.ts'
import { createTemporaryHome } from '../support/temporary-home.ts'
import { PILOT, spawnWorker } from '../support/worker-process.ts'

function configuration(...names: string[]) {
  const entry = fixtureEntry('counting', [], { maxClients: 25 })
  return { mcpServers: Object.fromEntries(names.map((name) => [name, entry])) }
}

/** A client that speaks lines to `pilot connect`. */
function connect(variables: Readonly<Record<string, string>>, ...args: string[]): FrontClient {
  return new FrontClient(PILOT, variables, [], ['connect', ...args])
}

async function ended(client: FrontClient): Promise<{ exitCode: unknown; signal: unknown; stderr: string }> {
  const [exitCode, signal] = (await once(client.child, 'close')) as unknown[]
  return { exitCode, signal, stderr: client.stderr.trim() }
}

describe.each([['connect', 'one'], ['mcp']])('pilot %s %s', (...args) => {
  it('gives a request that is too large for the server one error by its own id, goes on, and ends with its client', async () => {
    const one = fixtureEntry('counting', [], { maxMessageBytes: 100_000 })
    await using worker = await OwnWorker.start({ mcpServers: { one } })
    await using client = new FrontClient(PILOT, worker.variables, [], args)
    await client.initialize()
    const call = (text: string, id: string) => client.ask('tools/call', { name: 'pid', arguments: { text } }, id)
    expect(await call('x'.repeat(200_000), 'large')).toMatchObject({
      id: 'large',
      error: { code: -32012, message: expect.stringContaining('maxMessageBytes'), data: { delivered: 'no' } },
    })
    expect(await call('y', 'small')).toMatchObject({ result: { structuredContent: { text: 'y' } } })
    expect(await client.leave()).toBe(0)
  })
})

describe('pilot connect', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await OwnWorker.start(configuration('one', 'two'))
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  it('carries frames both ways and ends with its client, with 0', async () => {
    await using client = connect(worker.variables, 'one')
    expect(await client.initialize()).toMatchObject({ result: { serverInfo: { name: 'fixture' } } })
    expect(await client.ask('tools/call', { name: 'pid', arguments: { a: 1 } }, 'x')).toMatchObject({
      id: 'x',
      result: { structuredContent: { a: 1 } },
    })
    expect(await client.leave()).toBe(0)
    expect(client.stderr).toBe('')
  })

  it('gives the answers that were asked for before its input ended', async () => {
    await using client = connect(worker.variables, 'one')
    void client.initialize()
    const slow = client.ask('tools/call', { name: 'sleep', arguments: { ms: 300 } })
    const left = client.leave()
    expect(await slow).toHaveProperty('result')
    expect(await left).toBe(0)
  })

  it('carries megabytes, though the client reads late', async () => {
    await using client = connect(worker.variables, 'one')
    await client.initialize()
    client.child.stdout?.pause()
    const large = 'x'.repeat(3 * 1024 * 1024)
    const answered = client.ask('tools/call', { name: 'pid', arguments: { large } })
    // The server has answered, more than pipes hold.
    await vi.waitFor(async () => expect((await worker.status()).service.counts.in_flight).toBe(0))
    client.child.stdout?.resume()
    expect((await answered).result?.structuredContent).toMatchObject({ large })
  })

  it('says which servers there are when it is asked for another, with 2', async () => {
    expect(await ended(connect(worker.variables, 'three'))).toMatchObject({
      exitCode: 2,
      stderr: 'pilot connect: There is no server "three". There are: one, two.',
    })
  })

  it('says of one that cannot be used why, with 69', async () => {
    await using other = await OwnWorker.start({ mcpServers: { ...configuration('one').mcpServers, torn: {} } })
    expect(await ended(connect(other.variables, 'torn'))).toMatchObject({
      exitCode: 69,
      stderr: 'pilot connect: server "torn": it has neither "command" nor "url"; add the one that reaches the server',
    })
  })

  it.each([
    [[], 'pilot connect: <server> is missing. See "pilot connect --help".'],
    [['one', 'two'], 'pilot connect: "two" is one word too many. See "pilot connect --help".'],
    [['../one'], 'pilot connect: "../one" is no server\'s name.'],
    [[''], 'pilot connect: "" is no server\'s name.'],
  ])('refuses %j, with 2', async (args, stderr) => {
    expect(await ended(connect(worker.variables, ...args))).toMatchObject({ exitCode: 2, stderr })
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('leaves at %s, a call of its own in flight', async (signal, exitCode) => {
    await using client = connect(worker.variables, 'two')
    await client.initialize()
    void client.ask('tools/call', { name: 'sleep', arguments: { ms: 60_000 } })
    await vi.waitFor(async () => expect((await worker.status()).servers[1]).toMatchObject({ in_flight: 1 }))
    const gone = ended(client)
    client.child.kill(signal)
    expect(await gone).toEqual({ exitCode, signal: null, stderr: '' })
    await vi.waitFor(async () => expect((await worker.status()).servers[1]).toMatchObject({ in_flight: 0, clients: 0 }))
  })

  it.skipIf(process.getuid?.() !== 0)('does not touch a socket that belongs to another user', async () => {
    await using home = await createTemporaryHome(process.env.PATH ?? '')
    const path = serverSocketPath(readEnvironment(home.variables).folders.runtime, 'one')
    await mkdir(dirname(path), { recursive: true })
    await using server = createServer().listen(path)
    await once(server, 'listening')
    await chown(path, 65_534, 65_534)
    expect(await ended(connect(home.variables, 'one'))).toMatchObject({
      exitCode: 77,
      stderr: `pilot connect: The socket ${path} belongs to user 65534. Remove it.`,
    })
  })
})

describe('pilot connect without a worker', () => {
  it('says in one line what to run, with 69, and starts none', async () => {
    await using home = await createTemporaryHome(process.env.PATH ?? '')
    const { exitCode, stderr } = await ended(connect(home.variables, 'one'))
    expect([exitCode, stderr]).toEqual([
      69,
      `pilot connect: No worker serves ${home.path}/config/pilotlight/mcp.json, and none is started here. Run "pilot service start".`,
    ])
    expect(processesMentioning(home.path)).toEqual([])
  })

  it('says the same over what a killed worker left', async () => {
    await using worker = await OwnWorker.start(configuration('one'))
    worker.program.kill('SIGKILL')
    await worker.program.exited
    expect((await readdir(dirname(worker.socketOf('one')))).toSorted()).toEqual(['.lock', 'one.sock'])
    expect(await ended(connect(worker.variables, 'one'))).toMatchObject({ exitCode: 69 })
  })
})

describe('a worker with a pool', () => {
  it('has 10 processes for 20 clients of 10 servers, and none when it has ended', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `server-${index}`)
    await using worker = await OwnWorker.start(configuration(...names))
    const clients = names.flatMap((name) => Array.from({ length: 20 }, () => new LineClient(worker.socketOf(name))))
    const answers = await Promise.all(
      clients.map(async (client, index) => {
        await client.hello()
        return client.call('pid', { index })
      }),
    )
    expect(answers.map(({ result }) => result?.structuredContent)).toMatchObject(clients.map((_, index) => ({ index })))
    expect(serverProcesses(worker)).toHaveLength(10)
    const { service, servers } = await worker.status()
    expect(service.counts).toEqual({ servers: 10, running: 10, clients: 200, in_flight: 0 })
    expect(servers).toMatchObject(names.map((name) => ({ name, state: 'ready', clients: 20, calls: 20, instances: 1 })))
    expect(Math.min(...servers.map(({ memory_mb }) => memory_mb ?? 0))).toBeGreaterThan(10)
    for (const client of clients) client[Symbol.dispose]()
    worker.program.kill('SIGTERM')
    expect(await worker.program.exited).toBe(0)
    expect(serverProcesses(worker)).toEqual([])
    expect(await readdir(dirname(worker.socketOf('server-0')))).toEqual(['.lock'])
  })

  it('calls tools over HTTP', async () => {
    await using worker = await OwnWorker.start(configuration('one'))
    expect(await worker.execute('one', { tool: 'sleep', arguments: { ms: 1 } })).toEqual({
      status: 200,
      text: '{"content":[]}',
    })
    expect(await worker.execute('two', { tool: 'pid' })).toMatchObject({
      status: 404,
      text: expect.stringContaining('There is no server \\"two\\". There are: one.'),
    })
    const large = 'x'.repeat(8 * 1024 * 1024)
    expect(await worker.execute('one', { tool: 'pid', arguments: { large } })).toMatchObject({ status: 413 })
    expect((await worker.status()).servers).toMatchObject([{ name: 'one', state: 'ready', calls: 1, clients: 0 }])
    expect((await fetch(`${worker.url}/status`)).status).toBe(401)
    const metrics = await (await fetch(`${worker.url}/metrics`)).text()
    expect(metrics).toContain('pilotlight_calls_total{server="one",method="tools/call",outcome="answered"} 1')
  })

  it('starts over what a killed worker left, and ends the servers it had', async () => {
    await using worker = await OwnWorker.start(configuration('one'))
    using client = new LineClient(worker.socketOf('one'))
    await client.hello()
    const [before] = serverProcesses(worker)
    expect(before).toBeDefined()
    worker.program.kill('SIGKILL')
    await worker.program.exited
    await using next = spawnWorker(0, { variables: worker.variables, stderrPath: join(worker.home.path, 'next.log') })
    await vi.waitFor(async () => {
      using again = new LineClient(worker.socketOf('one'))
      expect(await Promise.race([again.hello(), again.ended])).toHaveProperty('result')
    })
    expect(next.running).toBe(true)
    await vi.waitFor(() => expect(serverProcesses(worker)).not.toContain(before))
  })

  it('takes on a changed configuration while it runs: unchanged servers keep their process and their clients', async () => {
    await using worker = await OwnWorker.start(configuration('one', 'two'))
    using one = new LineClient(worker.socketOf('one'))
    using two = new LineClient(worker.socketOf('two'))
    await Promise.all([one.hello(), two.hello()])
    const pidOf = async (client: LineClient) => (await client.call('pid')).result?.structuredContent
    const before = await pidOf(one)
    const long = one.call('sleep', { ms: 1_500 })
    await worker.reconfigure(configuration('one', 'three'))
    await vi.waitFor(async () => {
      expect((await worker.status()).servers.map(({ name }) => name)).toEqual(['one', 'three'])
    })
    await two.ended
    expect(await long).toHaveProperty('result')
    expect(await pidOf(one)).toEqual(before)
    await vi.waitFor(async () => expect(await readdir(dirname(worker.socketOf('one')))).toContain('three.sock'))
    using three = new LineClient(worker.socketOf('three'))
    expect(await three.hello()).toHaveProperty('result')
    expect(await readdir(dirname(worker.socketOf('one')))).not.toContain('two.sock')
    await worker.reconfigure({ mcpServers: 1 })
    await vi.waitFor(() => expect(worker.program.lastWords).toContain('has changed but cannot be used'))
    expect(await pidOf(one)).toEqual(before)
    await vi.waitFor(async () => {
      const { dependencies } = (await (await fetch(`${worker.url}/ready`)).json()) as Readiness
      expect(dependencies.catalog.servers).toEqual(['one', 'three'])
    })
  })

  it('does not start beside another of the same configuration', async () => {
    await using worker = await OwnWorker.start(configuration('one'))
    await using second = spawnWorker(0, { variables: worker.variables, stderrPath: join(worker.home.path, '2.log') })
    expect(await second.exited).toBe(69)
    const { pid } = worker.program
    expect(second.lastWords).toMatch(
      new RegExp(
        `Another worker of this configuration runs: process ${pid}, since \\d{4}-.*Z, on ${worker.url}\\. Stop it`,
      ),
    )
    using client = new LineClient(worker.socketOf('one'))
    expect(await client.hello()).toHaveProperty('result')
  })
})

/** The servers of a worker that run, by their ids, without the wrappers of theirs. */
function serverProcesses({ home }: OwnWorker): number[] {
  const { command, args } = fixtureEntry('counting')
  return processesMentioning(home.path).filter((pid) => commandOf(pid) === [command, ...args].join(' '))
}
