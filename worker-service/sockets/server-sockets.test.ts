import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtempDisposable, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { allServersSocketPath, serverSocketPath } from '../../shared/server-socket.ts'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { LineClient } from '../../test/support/line-client.ts'
import { RecordingPoolObserver } from '../../test/support/recording-pool-observer.ts'
import { SYSTEM_CLOCK } from '../server-pool/clock.ts'
import { createConnector } from '../server-pool/connectors/open-connection.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { NO_KNOWLEDGE } from '../server-pool/server-knowledge.ts'
import { ServerPool } from '../server-pool/server-pool.ts'
import { ServerSockets } from './server-sockets.ts'

const KIB = 1024

/** Sockets over a pool of real servers. */
async function liveSockets(...servers: ServerDefinition[]) {
  const stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'sockets-')))
  const observer = new RecordingPoolObserver()
  const pool = stack.use(
    new ServerPool({
      connect: createConnector({ variables: process.env }),
      clock: SYSTEM_CLOCK,
      random: Math.random,
      observer,
      memoryMbOf: () => undefined,
      knowledge: NO_KNOWLEDGE,
    }),
  )
  await pool.apply({ servers, unusable: [], disabled: [], limits: { maxSize: 10 } })
  const sockets = stack.use(
    new ServerSockets({
      runtimeFolder: folder.path,
      servers: {
        connect: (server, client) => pool.connect(server, client),
        maxMessageBytes: (server) => servers.find(({ name }) => name === server)?.maxMessageBytes ?? 1024 * KIB,
      },
      allServers: {
        connect: (client) => pool.connect(servers[0]?.name ?? '', client),
        maxMessageBytes: () => 64 * KIB,
      },
      observer,
    }),
  )
  await sockets.serve(servers.map(({ name }) => name))
  return {
    pool,
    sockets,
    observer,
    runtimeFolder: folder.path,
    client: (server: string) => new LineClient(serverSocketPath(folder.path, server)),
    clientOfAll: () => new LineClient(allServersSocketPath(folder.path)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const COUNTING = fixtureServer('counting', { name: 'one', maxMessageBytes: 64 * KIB })

describe('the socket of a server', () => {
  it('speaks as the server would', async () => {
    await using live = await liveSockets(COUNTING)
    using client = live.client('one')
    expect(await client.hello()).toMatchObject({ id: 'hello', result: { serverInfo: { name: 'fixture' } } })
    expect(await client.call('pid', { a: 1 })).toMatchObject({ id: 1, result: { structuredContent: { a: 1 } } })
  })

  it('keeps clients that use the same ids apart', async () => {
    await using live = await liveSockets({ ...COUNTING, maxClients: 20 })
    const clients = Array.from({ length: 20 }, () => live.client('one'))
    const answers = await Promise.all(
      clients.map(async (client, index) => {
        await client.hello()
        return client.call('pid', { index })
      }),
    )
    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, () => 1))
    expect(answers.map(({ result }) => result?.structuredContent)).toMatchObject(clients.map((_, index) => ({ index })))
    for (const client of clients) client[Symbol.dispose]()
    await vi.waitFor(() => expect(live.pool.row('one')).toMatchObject({ clients: 0, inFlight: 0 }))
  })

  it.each([
    ['byte by byte', (text: string) => [...Buffer.from(text)].map((byte) => Buffer.of(byte))],
    ['with \\r\\n and empty lines', (text: string) => [Buffer.from(text.replaceAll('\n', '\r\n\r\n'))]],
    ['all at once, the last line without an end', (text: string) => [Buffer.from(text.trimEnd())]],
  ])('reads what is written %s', async (_, cut) => {
    await using live = await liveSockets(COUNTING)
    using client = live.client('one')
    await client.hello()
    const answered = client.answerTo('grün')
    const request = { jsonrpc: '2.0', id: 'grün', method: 'tools/call', params: { name: 'pid', arguments: { ü: '€' } } }
    for (const piece of cut(`${JSON.stringify(request)}\n`)) client.write(piece)
    client.socket.end()
    expect(await answered).toMatchObject({ result: { structuredContent: { ü: '€' } } })
  })

  it('finishes what it was asked when its client ends its side, then closes', async () => {
    await using live = await liveSockets(COUNTING)
    using client = live.client('one')
    void client.hello()
    const slow = client.call('sleep', { ms: 150 })
    const quick = client.call('pid')
    client.socket.end()
    expect(await quick).toHaveProperty('result')
    expect(await slow).toHaveProperty('result')
    await client.ended
    await vi.waitFor(() => expect(live.pool.row('one').clients).toBe(0))
  })

  it('closes at once when its client ends its side and waits for nothing', async () => {
    await using live = await liveSockets(COUNTING)
    using client = live.client('one')
    client.socket.end()
    await client.ended
    expect(live.pool.row('one').state).toBe('cold')
  })

  it('cancels what a client that has vanished had asked', async () => {
    await using live = await liveSockets(COUNTING)
    using client = live.client('one')
    await client.hello()
    void client.call('sleep', { ms: 60_000 })
    await vi.waitFor(() => expect(live.pool.row('one').inFlight).toBe(1))
    client.socket.destroy()
    await vi.waitFor(() => expect(live.pool.row('one')).toMatchObject({ inFlight: 0, clients: 0, state: 'ready' }))
  })

  it.each([
    ['no JSON', 'not json', -32700, null],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, null],
    ['no version', '{"id":1,"method":"ping"}', -32600, 1],
    ['a fraction for an id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, null],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, null],
  ])('answers %s with an error and goes on', async (_, line, code, id) => {
    await using live = await liveSockets(COUNTING)
    using client = live.client('one')
    await client.hello()
    const refused = client.answerTo(id)
    client.write(`${line}\n`)
    expect(await refused).toMatchObject({ id, error: { code } })
    expect(await client.call('pid')).toHaveProperty('result')
  })

  it('loses one message over the limit, however long, and nothing else', async () => {
    await using live = await liveSockets(COUNTING)
    using client = live.client('one')
    await client.hello()
    const slow = client.call('sleep', { ms: 50 })
    const refused = client.answerTo(null)
    for (let piece = 0; piece < 100; piece++) client.write('x'.repeat(64 * KIB))
    client.write('\n')
    expect(await refused).toMatchObject({ error: { code: -32012, message: expect.stringContaining('65536 bytes') } })
    expect(await slow).toHaveProperty('result')
    expect(await client.call('pid')).toHaveProperty('result')
    expect(live.observer.lines).toContain('one dropped from client: too-large')
  })

  it('answers who comes when all places are taken, and closes', async () => {
    await using live = await liveSockets({ ...COUNTING, maxClients: 1 })
    using first = live.client('one')
    await first.hello()
    using second = live.client('one')
    expect(await second.hello()).toMatchObject({
      error: { code: -32011, message: expect.stringContaining('as many as may'), data: { retryable: true } },
    })
    await second.ended
    first.socket.destroy()
    await vi.waitFor(() => expect(live.pool.row('one').clients).toBe(0))
    using third = live.client('one')
    expect(await third.hello()).toHaveProperty('result')
  })

  it('cuts off a client that does not read, and nobody else', async () => {
    await using live = await liveSockets(fixtureServer('counting', { name: 'one' }))
    using client = live.client('one')
    using other = live.client('one')
    await Promise.all([client.hello(), other.hello()])
    client.socket.pause()
    const large = 'x'.repeat(1024 * KIB)
    for (let call = 0; call < 12; call++) void client.call('pid', { large })
    await vi.waitFor(() => expect(live.observer.lines).toContain('one cut a client off'))
    // The end is behind what it has not read, unless it meets it while it writes.
    client.socket.resume()
    await client.ended
    expect(await other.call('pid')).toHaveProperty('result')
    await vi.waitFor(() => expect(live.pool.row('one').clients).toBe(1))
  })

  it('is there for every server that is configured, and gone with it', async () => {
    await using live = await liveSockets(COUNTING, { ...COUNTING, name: 'two' })
    const folder = join(live.runtimeFolder, 'servers')
    expect((await readdir(folder)).toSorted()).toEqual(['.lock', 'one.sock', 'two.sock'])
    await live.sockets.serve(['two', 'three'])
    expect((await readdir(folder)).toSorted()).toEqual(['.lock', 'three.sock', 'two.sock'])
    using client = live.client('three')
    expect(await client.hello()).toMatchObject({ error: { message: expect.stringContaining('no server "three"') } })
    await live.sockets.stopListening()
    expect(await readdir(folder)).toEqual(['.lock'])
  })

  it('is missing alone where its place is taken, and comes with the next change of the servers', async () => {
    await using live = await liveSockets(COUNTING)
    const inTheWay = join(live.runtimeFolder, 'servers/two.sock/x')
    await mkdir(inTheWay, { recursive: true })
    await live.sockets.serve(['one', 'two', 'three'])
    expect(live.observer.lines).toEqual([expect.stringMatching(/^two has no socket: Cannot listen on the socket /)])
    using client = live.client('one')
    expect(await client.hello()).toHaveProperty('result')
    await rm(dirname(inTheWay), { recursive: true })
    await live.sockets.serve(['one', 'two'])
    expect((await readdir(dirname(dirname(inTheWay)))).toSorted()).toEqual(['.lock', 'one.sock', 'two.sock'])
  })

  it('of a killed worker is removed, where its server is no longer configured or it never got its place', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'sockets-'))
    await mkdir(join(folder.path, 'servers'), { mode: 0o700 })
    const left = ['servers/old.sock', 'servers/.0123456789abcdef', '.0123456789abcdef', 'mcp.sock']
    const paths = JSON.stringify(left.map((name) => join(folder.path, name)))
    const killed = "--left || process.kill(process.pid, 'SIGKILL')"
    const script = `let left = 4; for (const path of ${paths}) require('node:net').createServer().listen(path, () => ${killed})`
    await once(spawn(process.execPath, ['-e', script]), 'exit')
    expect((await readdir(folder.path)).toSorted()).toEqual(['.0123456789abcdef', 'mcp.sock', 'servers'])
    const none = { connect: () => expect.fail(), maxMessageBytes: () => 1 }
    const observer = new RecordingPoolObserver()
    await using sockets = new ServerSockets({ runtimeFolder: folder.path, servers: none, allServers: none, observer })
    await sockets.serve(['one'])
    expect((await readdir(folder.path)).toSorted()).toEqual(['mcp.sock', 'servers'])
    expect((await readdir(join(folder.path, 'servers'))).toSorted()).toEqual(['.lock', 'one.sock'])
  })

  it('reads who its client is from a first line, which no server sees', async () => {
    await using live = await liveSockets({ ...COUNTING, share: 'client' })
    using client = live.client('one')
    client.write('{"pilotlight":{"project":"/tmp","client":"editor"}}\n')
    expect(await client.hello()).toHaveProperty('result')
    expect(await client.call('pid')).toHaveProperty('result')
    expect(client.messages).toHaveLength(2)
    expect(live.pool.row('one')).toMatchObject({ clients: 1, instances: 1 })
  })

  it('refuses who introduces themselves wrongly, and whoever does so late', async () => {
    await using live = await liveSockets(COUNTING)
    using wrong = live.client('one')
    wrong.write('{"pilotlight":{"project":"here"}}\n')
    expect(await wrong.hello()).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('its "project" must be the absolute path of a folder') },
    })
    using late = live.client('one')
    await late.hello()
    const refused = late.answerTo(null)
    late.write('{"pilotlight":{"project":"/tmp"}}\n')
    expect(await refused).toMatchObject({ error: { code: -32600 } })
    expect(await late.call('pid')).toHaveProperty('result')
  })

  it('gives a client that says nothing no place, and closes it with the rest', async () => {
    await using live = await liveSockets({ ...COUNTING, maxClients: 1 })
    using silent = live.client('one')
    using client = live.client('one')
    expect(await client.hello()).toHaveProperty('result')
    await live.pool[Symbol.asyncDispose]()
    await live.sockets.close(60_000)
    await silent.ended
    expect(live.sockets.connections).toBe(0)
  })

  it('ends its connections when the pool ends', async () => {
    await using live = await liveSockets(COUNTING)
    using client = live.client('one')
    await client.hello()
    const answered = client.call('sleep', { ms: 100 })
    // Behind which the pool has read the call.
    await client.call('pid')
    await live.pool[Symbol.asyncDispose]()
    expect(await answered).toHaveProperty('result')
    await client.ended
    await vi.waitFor(() => expect(live.sockets.connections).toBe(0))
  })
})

describe('the socket of all servers', () => {
  it('is there whatever servers are configured, until no more clients are taken', async () => {
    await using live = await liveSockets()
    expect(await readdir(live.runtimeFolder)).toContain('mcp.sock')
    await live.sockets.serve(['one'])
    await live.sockets.stopListening()
    expect(await readdir(live.runtimeFolder)).not.toContain('mcp.sock')
  })

  it('speaks as what is behind it, and ends its clients with the others', async () => {
    await using live = await liveSockets(COUNTING)
    using client = live.clientOfAll()
    expect(await client.hello()).toHaveProperty('result')
    expect(await client.call('pid', { a: 1 })).toMatchObject({ id: 1, result: { structuredContent: { a: 1 } } })
    await live.sockets.close(0)
    await client.ended
    expect(live.sockets.connections).toBe(0)
  })

  it('takes messages as large as any server does', async () => {
    await using live = await liveSockets(COUNTING)
    using client = live.clientOfAll()
    await client.hello()
    const refused = client.answerTo(null)
    client.write(`${'x'.repeat(65 * KIB)}\n`)
    expect(await refused).toMatchObject({ error: { code: -32012, message: expect.stringContaining('65536 bytes') } })
  })
})
