import { describe, expect, it } from 'vitest'
import { listenTo } from '../../../../test/support/remote-client.ts'
import { type Handler, remoteServer, serveHttp, serveLegacySse } from '../../../../test/support/remote-server.ts'
import type { RemoteServerDefinition } from '../../server-definition.ts'
import { createRemoteConnector } from './remote.ts'

const NEVER = new AbortController().signal
const SOON = { interval: 5 }

const connect = (url: string, rest: Partial<RemoteServerDefinition> = {}, signal = NEVER) =>
  createRemoteConnector()(remoteServer(url, { transport: 'sse', ...rest }), signal)

/** A stream that says where messages go to, and whatever else. */
const streaming =
  (text: string): Handler =>
  (request, response) => {
    if (request.method === 'POST') return response.writeHead(202).end()
    return response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text)
  }

describe("a connection to the official SDK's older server", () => {
  it('carries calls, and leaves no socket', async () => {
    await using server = await serveLegacySse()
    {
      await using connection = await connect(server.url)
      const client = listenTo(connection)
      await client.introduce()
      const answer = await client.request(1, 'tools/call', { name: 'echo', arguments: { a: 1 } })
      expect(answer).toMatchObject({ id: 1, result: { content: [{ text: '{"a":1}' }] } })
    }
    await expect.poll(() => server.sockets.size, SOON).toBe(0)
  })

  it('is lost with its stream', async () => {
    await using server = await serveLegacySse()
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    await client.introduce()
    server.server.closeAllConnections()
    expect(await connection.closed).toMatchObject({ kind: 'lost', error: { code: 'connection_closed' } })
  })
})

describe('the stream of an older server', () => {
  it.each(['/messages?id=1', 'messages?id=1'])('says where messages are posted to: %s', async (place) => {
    await using server = await serveHttp(streaming(`event: endpoint\ndata: ${place}\n\n`), '/sse')
    await using connection = await connect(server.url, { headers: { 'x-key': 'k' } })
    await connection.send('{"jsonrpc":"2.0","id":1,"method":"ping"}')
    await expect.poll(() => server.requests.at(-1)?.url, SOON).toBe('/messages?id=1')
    expect(server.requests.map(({ headers }) => headers['x-key'])).toEqual(['k', 'k'])
  })

  it('may not send messages to another origin', async () => {
    await using elsewhere = await serveHttp(() => {})
    await using server = await serveHttp(streaming(`event: endpoint\ndata: ${elsewhere.url}\n\n`))
    await expect(connect(server.url)).rejects.toMatchObject({
      message: 'server "far": it wants its messages sent to another place than its own, which is not done.',
    })
    expect(elsewhere.requests).toEqual([])
  })

  it('is waited for as long as a start may take', async () => {
    await using server = await serveHttp(streaming(': nothing\n\n'))
    await expect(connect(server.url, { startTimeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' })
    await expect.poll(() => server.sockets.size, SOON).toBe(0)
  })

  it('is not waited for when the caller leaves', async () => {
    await using server = await serveHttp(() => {})
    const reason = new Error('left')
    const leaving = new AbortController()
    const opening = connect(server.url, {}, leaving.signal)
    await expect.poll(() => server.requests.length, SOON).toBe(1)
    leaving.abort(reason)
    await expect(opening).rejects.toBe(reason)
    await expect.poll(() => server.sockets.size, SOON).toBe(0)
  })

  it('drops a message over the limit and carries the next', async () => {
    const text = `event: endpoint\ndata: /m\n\ndata: {"a":"${'x'.repeat(2_000)}"}\n\ndata: {"jsonrpc":"2.0","method":"n"}\n\n`
    await using server = await serveHttp(streaming(text))
    await using connection = await connect(server.url, { maxMessageBytes: 1_024 })
    const client = listenTo(connection)
    await expect.poll(() => client.frames, SOON).toEqual([[{ jsonrpc: '2.0', method: 'n' }, undefined]])
  })

  it('is a web page where the URL is wrong', async () => {
    await using server = await serveHttp((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('x'),
    )
    await expect(connect(server.url)).rejects.toMatchObject({ message: expect.stringContaining('a web page') })
  })

  it('is over when the server no longer knows where messages go to', async () => {
    await using server = await serveHttp((request, response) => {
      if (request.method === 'POST') return response.writeHead(404).end()
      return streaming('event: endpoint\ndata: /m\n\n')(request, response)
    })
    await using connection = await connect(server.url)
    const client = listenTo(connection)
    client.request(1, 'ping').catch(() => {})
    expect(await connection.closed).toMatchObject({ kind: 'lost' })
  })
})
