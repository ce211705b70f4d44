import { mkdtempDisposable } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  answers,
  answersAfter,
  breaksOff,
  errorBody,
  FakeWorker,
  HEALTH_BODY,
  never,
  resets,
  SUCCESS_BODY,
} from '../../test/support/fake-worker.ts'
import { WorkerClient } from './worker-client.ts'

const ignored = new AbortController().signal

function clientOf(url: string, options: Partial<ConstructorParameters<typeof WorkerClient>[0]> = {}): WorkerClient {
  return new WorkerClient({ url, readToken: () => undefined, ...options })
}

describe('WorkerClient', () => {
  it('sends a request with its headers and gives back the whole answer', async () => {
    await using worker = await FakeWorker.start({ findTools: answers(422, '{"detail":"ü"}') })
    using client = clientOf(worker.url)
    const { status, headers, body } = await client.findTools(
      { body: '{"query":"ß"}', headers: { 'x-a': '1' } },
      ignored,
    )
    expect({ status, body, type: headers['content-type'] }).toEqual({
      status: 422,
      body: '{"detail":"ü"}',
      type: 'application/json',
    })
    expect(worker.received[0]).toMatchObject({
      line: 'POST /find_tools',
      body: '{"query":"ß"}',
      headers: { 'x-a': '1', 'content-type': 'application/json', 'content-length': '14' },
    })
  })

  it('keeps its connection for the next request', async () => {
    await using worker = await FakeWorker.start()
    using client = clientOf(worker.url)
    for (let i = 0; i < 5; i++) await client.findTools({ body: '{}' }, ignored)
    expect(worker.connections).toBe(1)
  })

  it('opens a connection of its own for a fresh request', async () => {
    await using worker = await FakeWorker.start()
    using client = clientOf(worker.url)
    for (const fresh of [false, true, true, false]) await client.findTools({ body: '{}', fresh }, ignored)
    expect(worker.connections).toBe(3)
  })

  it('asks where the worker is before each fresh request', async () => {
    await using one = await FakeWorker.start()
    await using other = await FakeWorker.start()
    let { url } = one
    using client = clientOf(one.url, { url: () => url })
    await client.findTools({ body: '{}' }, ignored)
    url = other.url
    await client.findTools({ body: '{}' }, ignored)
    await client.findTools({ body: '{}', fresh: true }, ignored)
    await client.findTools({ body: '{}' }, ignored)
    expect([one.received.length, other.received.length]).toEqual([2, 2])
    expect(client.url).toBe(other.url)
  })

  it('speaks on a Unix socket where one is named', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'client-'))
    const socketPath = join(folder.path, 'control.sock')
    const server = createHttpServer((_, response) => response.end(HEALTH_BODY))
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    using client = clientOf('http://localhost', { socketPath })
    await expect(client.health(ignored)).resolves.toBe('1.0.0')
    await new Promise((resolve) => server.close(resolve))
    await expect(client.health(ignored)).rejects.toMatchObject({ code: 'connection_closed' })
  })

  it('puts no limit on requests at once', async () => {
    await using worker = await FakeWorker.start({ findTools: answersAfter(50, SUCCESS_BODY) })
    using client = clientOf(worker.url)
    await Promise.all(Array.from({ length: 40 }, () => client.findTools({ body: '{}' }, ignored)))
    expect(worker.connections).toBe(40)
  })

  it('keeps the path of its URL in front of every path', async () => {
    await using worker = await FakeWorker.start()
    using client = clientOf(`${worker.url}/behind`)
    await client.findTools({ body: '{}' }, ignored)
    expect(worker.received[0]?.line).toBe('POST /behind/find_tools')
  })

  it('reaches a worker on an IPv6 address', async () => {
    const server = createServer((socket) => void socket.once('data', () => socket.end('HTTP/1.1 204 No\r\n\r\n')))
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve))
    const { port } = server.address() as { port: number }
    using client = clientOf(`http://[::1]:${port}`)
    expect((await client.findTools({ body: '{}' }, ignored)).status).toBe(204)
    server.close()
  })

  describe('without a complete answer', () => {
    const cases = [
      ['refused', async (worker: FakeWorker) => worker.kill(), 'connection refused'],
      ['reset', async (worker: FakeWorker) => void (worker.findTools = resets), 'connection reset'],
      ['closed in the middle', async (worker: FakeWorker) => void (worker.findTools = breaksOff), ''],
    ] as const
    it.each(cases)('rejects with connection_closed when the connection was %s', async (_, prepare, reason) => {
      await using worker = await FakeWorker.start()
      using client = clientOf(worker.url)
      await prepare(worker)
      const error = await client.findTools({ body: '{}' }, ignored).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'ServiceError', code: 'connection_closed', cause: expect.any(Error) })
      expect((error as Error).message).toContain(reason)
      expect((error as Error).message).toContain(worker.url)
    })

    it('rejects with connection_closed when what answers does not speak HTTP', async () => {
      const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as { port: number }
      using client = clientOf(`http://127.0.0.1:${port}`)
      await expect(client.findTools({ body: '{}' }, ignored)).rejects.toMatchObject({ code: 'connection_closed' })
      server.close()
    })

    it('rejects with connection_closed when the host is not known', async () => {
      using client = clientOf('http://worker.invalid:3021')
      await expect(client.findTools({ body: '{}' }, ignored)).rejects.toMatchObject({ code: 'connection_closed' })
    })

    it('serves the next request after a lost one', async () => {
      await using worker = await FakeWorker.start({ findTools: resets })
      using client = clientOf(worker.url)
      await expect(client.findTools({ body: '{}' }, ignored)).rejects.toThrow('connection reset')
      worker.findTools = answers(200, SUCCESS_BODY)
      expect((await client.findTools({ body: '{}' }, ignored)).body).toBe(SUCCESS_BODY)
    })
  })

  it('rejects with too_large when the answer passes the cap, and lets go of the connection', async () => {
    await using worker = await FakeWorker.start({
      findTools: (_, response) => {
        response.writeHead(200)
        const flood = setInterval(() => response.write('x'.repeat(10_000)), 1)
        response.on('close', () => clearInterval(flood))
      },
    })
    using client = clientOf(worker.url, { maxResponseBytes: 100_000 })
    await expect(client.findTools({ body: '{}' }, ignored)).rejects.toMatchObject({ code: 'too_large' })
  })

  it.each([
    ['before it was sent', 0, never],
    ['while it waits', 20, never],
    [
      'in the middle of the answer',
      30,
      (_: unknown, response: { writeHead(s: number): { write(t: string): void } }) =>
        response.writeHead(200).write('{'),
    ],
  ] as const)("rejects with the signal's own reason when it aborts %s", async (_, ms, findTools) => {
    await using worker = await FakeWorker.start({ findTools })
    using client = clientOf(worker.url)
    const controller = new AbortController()
    const reason = new Error('enough')
    if (ms === 0) controller.abort(reason)
    else setTimeout(() => controller.abort(reason), ms)
    await expect(client.findTools({ body: '{}' }, controller.signal)).rejects.toBe(reason)
  })

  it('rejects requests in flight when it is disposed', async () => {
    await using worker = await FakeWorker.start({ findTools: never })
    const client = clientOf(worker.url)
    const request = client.findTools({ body: '{}' }, ignored)
    setTimeout(() => client[Symbol.dispose](), 20)
    await expect(request).rejects.toMatchObject({ code: 'connection_closed' })
  })

  describe('token', () => {
    it('is sent with every request when there is one', async () => {
      await using worker = await FakeWorker.start()
      using client = clientOf(worker.url, { readToken: () => 'secret' })
      await client.findTools({ body: '{}' }, ignored)
      await client.health(ignored)
      expect(worker.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret'])
    })

    it('is read once while it is accepted', async () => {
      await using worker = await FakeWorker.start()
      let reads = 0
      using client = clientOf(worker.url, { readToken: () => String(++reads) })
      await client.findTools({ body: '{}' }, ignored)
      await client.findTools({ body: '{}' }, ignored)
      expect(reads).toBe(1)
    })

    it('is read again after a 401, and the request repeated with the new one', async () => {
      await using worker = await FakeWorker.start({
        findTools: ({ headers }, response) =>
          headers.authorization === 'Bearer new'
            ? response.end(SUCCESS_BODY)
            : response.writeHead(401).end(errorBody('unauthenticated')),
      })
      const tokens = ['old', 'new']
      using client = clientOf(worker.url, { readToken: () => tokens.shift() })
      expect((await client.findTools({ body: '{}' }, ignored)).body).toBe(SUCCESS_BODY)
      expect((await client.findTools({ body: '{}' }, ignored)).body).toBe(SUCCESS_BODY)
      expect(worker.count('POST /find_tools')).toBe(3)
    })

    it('is not tried twice when it has not changed', async () => {
      await using worker = await FakeWorker.start({ findTools: answers(401, errorBody('unauthenticated')) })
      using client = clientOf(worker.url, { readToken: () => 'same' })
      expect((await client.findTools({ body: '{}' }, ignored)).status).toBe(401)
      expect(worker.count('POST /find_tools')).toBe(1)
    })
  })

  describe('health', () => {
    it('resolves when a worker is alive', async () => {
      await using worker = await FakeWorker.start()
      using client = clientOf(worker.url)
      await expect(client.health(ignored)).resolves.toBe('1.0.0')
    })

    it('asks over a new connection each time, because a draining worker serves the old ones', async () => {
      await using worker = await FakeWorker.start()
      using client = clientOf(worker.url)
      await client.findTools({ body: '{}' }, ignored)
      await client.health(ignored)
      expect(worker.connections).toBe(2)
    })

    it.each([
      ['another program', answers(200, '<html>')],
      ['another service', answers(200, '{"status":"healthy","service":"other"}')],
      ['nothing', answers(200, 'null')],
      ['an error', answers(500, errorBody('internal'))],
    ])('rejects with server_unavailable when %s answers', async (_, health) => {
      await using worker = await FakeWorker.start({ health })
      using client = clientOf(worker.url)
      await expect(client.health(ignored)).rejects.toMatchObject({ code: 'server_unavailable' })
    })
  })
})
