import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { hastyClock, listenTo } from '../../../../test/support/remote-client.ts'
import { readJsonBody, remoteServer, serveHttp, serveStreamableHttp } from '../../../../test/support/remote-server.ts'
import { INTRODUCTION, noStream, sendJson, serveScripted } from '../../../../test/support/scripted-server.ts'
import type { RemoteServerDefinition } from '../../server-definition.ts'
import { createRemoteConnector } from './remote.ts'

const NEVER = new AbortController().signal
const SOON = { interval: 5 }

const connect = (url: string, rest: Partial<RemoteServerDefinition> = {}, clock = hastyClock()) =>
  createRemoteConnector({ clock })(remoteServer(url, rest), NEVER)

const result = (id: unknown, value: unknown = {}) => ({ jsonrpc: '2.0', id, result: value })
const event = (data: unknown, id?: string) =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`

describe("a connection to the official SDK's server", () => {
  it.each([true, false])(
    'carries calls, and leaves neither session nor socket (answers as JSON: %s)',
    async (enableJsonResponse) => {
      await using server = await serveStreamableHttp({ enableJsonResponse })
      {
        await using connection = await connect(server.url)
        const client = listenTo(connection)
        await client.introduce()
        const answer = await client.request(1, 'tools/call', { name: 'echo', arguments: { text: 'grün 🚀' } })
        expect(answer).toMatchObject({ id: 1, result: { content: [{ text: '{"text":"grün 🚀"}' }] } })
        expect(server.sessions.size).toBe(1)
      }
      await expect.poll(() => server.sessions.size, SOON).toBe(0)
      await expect.poll(() => server.sockets.size, SOON).toBe(0)
    },
  )

  it('says in each request which session it belongs to, and the protocol that was agreed on', async () => {
    await using server = await serveStreamableHttp()
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    await client.request(1, 'ping')
    const [first, ...others] = server.requests.map(({ headers }) => [
      headers['mcp-session-id'],
      headers['mcp-protocol-version'],
    ])
    expect(first).toEqual([undefined, undefined])
    const [session] = server.sessions.keys()
    expect(new Set(others.map(String))).toEqual(new Set([`${session},2025-11-25`]))
  })

  it('gives back a session id that is all that a server knows of its session', async () => {
    const session = 'x'.repeat(8_192)
    await using server = await serveScripted(
      (message, _, response) =>
        message.method === undefined ? noStream(response) : sendJson(response, result(message.id)),
      { session: () => session },
    )
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    await client.request(1, 'ping')
    expect(server.requests.slice(1).filter(({ headers }) => headers['mcp-session-id'] !== session)).toEqual([])
  })

  it('tells to which request a progress belongs, and that what comes unasked belongs to none', async () => {
    await using server = await serveStreamableHttp()
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    await client.request(7, 'tools/call', { name: 'echo', _meta: { progressToken: 'p' } })
    await expect.poll(() => server.requests.some(({ method }) => method === 'GET'), SOON).toBe(true)
    await server.notify('notifications/tools/list_changed')
    await expect.poll(() => client.frames.length, SOON).toBe(4)
    expect(client.frames.map(([message, relatedTo]) => [message.method ?? message.id, relatedTo])).toEqual([
      [0, 0],
      ['notifications/progress', 7],
      [7, 7],
      ['notifications/tools/list_changed', undefined],
    ])
  })

  it('carries 200 calls at once', async () => {
    await using server = await serveStreamableHttp({ enableJsonResponse: true })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    const ids = Array.from({ length: 200 }, (_, index) => index + 1)
    const answers = await Promise.all(
      ids.map((id) => client.request(id, 'tools/call', { name: 'echo', arguments: { id } })),
    )
    expect(answers.map(({ id }) => id)).toEqual(ids)
    expect(connection.waitingBytes).toBe(0)
  })
})

describe('a session that the server forgot', () => {
  it('is opened anew, once for all who meet it, and their calls are carried', async () => {
    await using server = await serveStreamableHttp()
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    server.forget()
    const ids = [1, 2, 3, 4, 5]
    const answers = await Promise.all(
      ids.map((id) => client.request(id, 'tools/call', { name: 'echo', arguments: { id } })),
    )
    expect(answers.map((answer) => answer.id)).toEqual(ids)
    expect(client.renewals).toBe(1)
    expect(server.sessions.size).toBe(1)
    // The second introduction is nobody's business.
    expect(client.frames.filter(([message]) => message.id === 0)).toHaveLength(1)
  })

  it('still answers its calls, but what it asks and what it was told are of no use', async () => {
    let current = 's1'
    let stream: ServerResponse | undefined
    const accepted: unknown[] = []
    await using server = await serveScripted(
      (message, { method, headers }, response) => {
        if (method === 'GET') return noStream(response)
        if (headers['mcp-session-id'] !== current) return response.writeHead(404).end()
        accepted.push(message.method ?? message.result)
        if (message.method !== 'tools/call') return response.writeHead(202).end()
        stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
        return stream.write(event({ jsonrpc: '2.0', id: 'q1', method: 'roots/list' }))
      },
      { session: () => current },
    )
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    const slow = client.request(1, 'tools/call')
    await expect.poll(() => client.frames.length, SOON).toBe(2)
    current = 's2'
    await connection.send('{"jsonrpc":"2.0","id":"q1","result":{}}')
    await expect.poll(() => client.renewals, SOON).toBe(1)
    stream?.write(event({ jsonrpc: '2.0', id: 'q2', method: 'roots/list' }))
    stream?.end(event(result(1)))
    expect(await slow).toMatchObject({ id: 1 })
    expect(client.frames.map(([{ id }]) => id)).toEqual([0, 'q1', 1])
    expect(accepted).toEqual(['tools/call'])
  })

  it('ends the connection when the server is not the same any more', async () => {
    let version = 1
    await using server = await serveHttp(async (request, response) => {
      const message = request.method === 'POST' ? await readJsonBody(request) : {}
      if (message.method === 'initialize') {
        const introduction = { ...INTRODUCTION, serverInfo: { name: 'scripted', version: String(version++) } }
        return sendJson(response, result(message.id, introduction), { 'mcp-session-id': `s${version}` })
      }
      return response.writeHead(message.id === undefined ? 202 : 404).end()
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    client.request(1, 'ping').catch(() => {})
    expect(await connection.closed).toMatchObject({ kind: 'lost', error: { code: 'connection_closed' } })
  })

  it('is given up when the new one is not known either', async () => {
    let sessions = 0
    await using server = await serveScripted((_, __, response) => response.writeHead(404).end(), {
      session: () => `s${++sessions}`,
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    await expect(client.request(1, 'ping')).rejects.toMatchObject({ code: 'server_unavailable' })
    expect(sessions).toBe(2)
  })
})

describe('a stream that breaks off', () => {
  it('is resumed after its last event, when the server wants it', async () => {
    const clock = hastyClock()
    await using server = await serveScripted((message, request, response) => {
      if (message.method === undefined && request.headers['last-event-id'] === undefined) return noStream(response)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (message.method === undefined)
        return response.end(event(result(1, { resumed: request.headers['last-event-id'] })))
      response.write('id: e1\nretry: 700\ndata:\n\n')
      return setTimeout(() => response.destroy(), 20)
    })
    await using connection = await connect(server.url, {}, clock)
    const client = listenTo(connection)
    await client.introduce()
    expect(await client.request(1, 'tools/call')).toMatchObject({ result: { resumed: 'e1' } })
    expect(client.frames.at(-1)?.[1]).toBe(1)
    expect(clock.waits).toContain(700)
  })

  it('is given up after five attempts that fail', async () => {
    const clock = hastyClock()
    await using server = await serveScripted((message, request, response) => {
      if (request.headers['last-event-id'] !== undefined) return response.writeHead(503, { 'retry-after': '1' }).end()
      if (message.method === undefined) return noStream(response)
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: e1\ndata:\n\n')
    })
    await using connection = await connect(server.url, {}, clock)
    const client = listenTo(connection)
    await client.introduce()
    await expect(client.request(1, 'tools/call')).rejects.toMatchObject({ code: 'connection_closed' })
    expect(clock.waits).toEqual([250, 1_000, 1_000, 1_000, 4_000])
  })

  it('goes on after the answer to another request', async () => {
    await using server = await serveScripted((message, _, response) => {
      if (message.method === undefined) return noStream(response)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return response.end([9, 1].map((id) => `data: ${JSON.stringify(result(id))}\n\n`).join(''))
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    expect(await client.request(1, 'tools/call')).toMatchObject({ id: 1 })
    expect(client.unanswered).toEqual([])
  })

  it('loses its request where it ends with the answer to another', async () => {
    await using server = await serveScripted((message, _, response) => {
      if (message.method === undefined) return noStream(response)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return response.end(`data: ${JSON.stringify(result(9))}\n\n`)
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    await expect(client.request(1, 'tools/call')).rejects.toMatchObject({ code: 'connection_closed' })
  })

  it('loses its request where nothing can be resumed', async () => {
    await using server = await serveScripted((message, _, response) => {
      if (message.method === undefined) return noStream(response)
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
      return setTimeout(() => response.destroy(), 20)
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    await expect(client.request(1, 'tools/call')).rejects.toMatchObject({
      code: 'connection_closed',
      message: `server "far": ${server.url} closed the connection before it had answered.`,
    })
    expect(client.unanswered).toHaveLength(1)
  })
})

describe('a call', () => {
  it('ends on our side when it is cancelled, though the server leaves its stream open', async () => {
    await using server = await serveScripted((message, _, response) => {
      if (message.method === 'notifications/cancelled') return response.writeHead(202).end()
      if (message.method === undefined) return noStream(response)
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    client.request(1, 'tools/call').catch(() => {})
    await expect.poll(() => server.requests.length, SOON).toBe(4)
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
    const closed = new Promise((resolve) => server.requests.at(-1)?.socket.once('close', resolve))
    await connection.send(JSON.stringify(cancel))
    await closed
    expect(client.unanswered).toEqual([])
  })

  it('is not sent twice when the connection is reset', async () => {
    let calls = 0
    await using server = await serveScripted((message, request, response) => {
      if (message.method === undefined) return noStream(response)
      calls++
      return request.socket.resetAndDestroy()
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    await expect(client.request(1, 'tools/call')).rejects.toMatchObject({ code: 'connection_closed' })
    expect(calls).toBe(1)
  })

  it('is told the truth by an error that the server answers with a status of its own', async () => {
    const error = { code: -32602, message: 'no such tool' }
    await using server = await serveScripted((message, _, response) => {
      if (message.method === undefined) return noStream(response)
      response.writeHead(400, { 'content-type': 'application/json' })
      return response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }))
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    expect(await client.request(1, 'tools/call')).toMatchObject({ id: 1, error })
  })

  it.each([
    ['application/json', (body: string) => body],
    ['text/event-stream', (body: string) => `data: ${body}`],
  ])('gets no answer over the limit, endless or not, and the next call is unharmed (%s)', async (type, wrap) => {
    await using server = await serveScripted((message, _, response) => {
      if (message.method === undefined) return noStream(response)
      if (message.method === 'ping') return sendJson(response, result(message.id))
      response.writeHead(200, { 'content-type': type }).write(wrap(`{"jsonrpc":"2.0","id":1,"result":"`))
      const endless = setInterval(() => response.write('x'.repeat(10_000)), 1)
      return response.once('close', () => clearInterval(endless))
    })
    await using connection = await connect(server.url, { maxMessageBytes: 50_000 })
    const client = listenTo(connection)
    await client.introduce()
    await expect(client.request(1, 'tools/call')).rejects.toMatchObject({
      code: 'too_large',
      message: 'server "far": its answer is too large. Raise its "maxMessageBytes".',
    })
    expect(client.oversized).toBe(1)
    expect(await client.request(2, 'ping')).toMatchObject({ id: 2 })
  })

  it('that is too large is refused, and the connection goes on', async () => {
    await using server = await serveStreamableHttp()
    await using connection = await connect(server.url, { maxMessageBytes: 2_000 })
    const client = listenTo(connection)
    await client.introduce()
    await expect(client.request(1, 'x'.repeat(2_000))).rejects.toMatchObject({ code: 'too_large' })
    expect(await client.request(2, 'ping')).toMatchObject({ id: 2 })
  })

  it('waits no longer than its connection', async () => {
    await using server = await serveScripted((message, _, response) => {
      if (message.method === undefined) noStream(response)
    })
    const connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    client.request(1, 'tools/call').catch(() => {})
    await expect.poll(() => server.requests.length, SOON).toBe(4)
    await connection[Symbol.asyncDispose]()
    expect(await connection.closed).toEqual({ kind: 'stopped' })
    await expect.poll(() => server.sockets.size, SOON).toBe(0)
    await expect(connection.send('{}')).rejects.toMatchObject({ code: 'connection_closed' })
  })
})

describe('Retry-After', () => {
  it('keeps requests back until then, at most half a minute, and tells how long', async () => {
    await using server = await serveScripted((message, _, response) => {
      if (message.method === undefined) return noStream(response)
      return response.writeHead(503, { 'retry-after': '99999999' }).end('gone fishing')
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    await expect(client.request(1, 'ping')).rejects.toMatchObject({ code: 'server_unavailable', retryAfterMs: 30_000 })
    const before = server.requests.length
    const refused: unknown = await client.request(2, 'ping').catch((thrown: unknown) => thrown)
    expect(refused).toMatchObject({ code: 'overloaded', retryAfterMs: expect.closeTo(30_000, -4) })
    expect(server.requests).toHaveLength(before)
  })
})
