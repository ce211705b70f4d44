import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { OneServer } from '../../../../test/support/one-server.ts'
import { hastyClock, listenTo } from '../../../../test/support/remote-client.ts'
import {
  type Handler,
  readJsonBody,
  remoteServer,
  serveHttp,
  serveStreamableHttp,
} from '../../../../test/support/remote-server.ts'
import type { RemoteServerDefinition } from '../../server-definition.ts'
import { createConnector } from '../open-connection.ts'
import { NO_AUTHORIZER } from './authorizer.ts'

const NEVER = new AbortController().signal
const connector = createConnector({ variables: {}, remote: { clock: hastyClock() } })

const answering = (status: number, headers: Record<string, string>, body = '') => {
  return (_: IncomingMessage, response: ServerResponse) => response.writeHead(status, headers).end(body)
}

async function failure(
  handler: Handler,
  rest: Partial<RemoteServerDefinition> = {},
  connect = connector,
): Promise<unknown> {
  await using server = await serveHttp(handler)
  return await failureOf(remoteServer(server.url, rest), connect)
}

async function failureOf(definition: RemoteServerDefinition, connect = connector): Promise<unknown> {
  await using far = new OneServer(definition, connect)
  return await far.start().catch((thrown: unknown) => thrown)
}

const complainAloud: Handler = (request, response) =>
  response.writeHead(500).end(`bad header: ${request.headers.authorization}`)

describe('a server that answers initialize', () => {
  it.each([
    ['with a web page', [200, 'text/html', '<html>s3cret'], 'answered with a web page where a message was expected.'],
    ['with a picture', [200, 'image/png', 'x'], 'answered with "image/png" where a message was expected.'],
    ['with nothing', [202, '', ''], 'answered with something without a type where a message was expected.'],
    ['with JSON that is no message', [200, 'application/json', '"hi"'], 'with "application/json" where a message was'],
    [
      'with what is to another',
      [200, 'application/json', '{"jsonrpc":"2.0","id":99,"result":{"of":"s3cret"}}'],
      'it answered, but not to this request.',
    ],
    [
      'with what is to nobody',
      [200, 'application/json', '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"No."}}'],
      'it answered, but not to this request. It said: {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"No."}}',
    ],
    ['with an empty batch', [200, 'application/json', '[]'], 'where a message was expected. Check its "url".'],
    [
      'that nothing is here',
      [404, 'text/plain', 'no such page'],
      'does not take messages (404). It said: no such page',
    ],
    ['that it takes no POST', [405, '', ''], 'Check its "url"; an older server may need "type": "sse".'],
    ['that it is broken', [500, 'text/html', '<html>stack</html>'], 'it answered with HTTP status 500.'],
  ] as const)('%s is refused, saying what came and what to do', async (_, [status, type, body], message) => {
    const thrown = await failure(answering(status, type === '' ? {} : { 'content-type': type }, body))
    expect(thrown).toMatchObject({ code: 'server_unavailable', message: expect.stringContaining(message) })
    expect(String(thrown)).not.toContain('s3cret')
  })

  it('in gzip, though only what is not compressed is asked for, is refused', async () => {
    await using server = await serveHttp(
      answering(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 'x'),
    )
    expect(await failureOf(remoteServer(server.url))).toMatchObject({
      message: `server "far": ${server.url} answered in "gzip", which was not asked for.`,
    })
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('with a byte order mark before it is understood', async () => {
    await using server = await serveHttp(async (request, response) => {
      const { id } = await readJsonBody(request)
      if (id === undefined) return response.writeHead(request.method === 'POST' ? 202 : 405).end()
      const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'x', version: '1' } }
      response.writeHead(200, { 'content-type': 'application/json' })
      return response.end(`\uFEFF${JSON.stringify({ jsonrpc: '2.0', id, result })}`)
    })
    await using connection = await connector(remoteServer(server.url), NEVER)
    const client = listenTo(connection)
    await client.introduce()
    expect(client.frames).toHaveLength(1)
  })

  it.each([
    [401, {}, 'unauthenticated', 'it wants a login (401). Run "pilot auth login far".'],
    [403, {}, 'forbidden', 'it does not allow this (403).'],
    [
      403,
      { 'www-authenticate': 'Bearer error="insufficient_scope"' },
      'forbidden',
      'Run "pilot auth login far" to allow it more.',
    ],
    [413, {}, 'too_large', 'the message is too large for it (413).'],
    [429, { 'retry-after': '7' }, 'overloaded', 'it asks to be called less often (429).'],
    [503, { 'retry-after': 'never' }, 'server_unavailable', 'it answered with HTTP status 503.'],
  ])('with %i %j is an error of its own kind', async (status, headers, code, message) => {
    const thrown = await failure(answering(status, headers))
    expect(thrown).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('with 401 to our own headers says that these are wrong', async () => {
    const thrown = await failure(answering(401, {}), { headers: { AUTHORIZATION: 'Bearer s3cret-token' } })
    expect(thrown).toMatchObject({
      message: 'server "far": it wants a login (401). Check the login in its "headers" or "url".',
    })
  })

  it('with our own secrets has them not repeated', async () => {
    const thrown = await failure(complainAloud, { headers: { authorization: 'Bearer s3cret-token' } })
    expect(thrown).toMatchObject({
      message: 'server "far": it answered with HTTP status 500. It said: bad header: [redacted]',
    })
  })

  it.each(['http', 'sse'] as const)('with the token we log in with has it not repeated (%s)', async (transport) => {
    const authorizer = { ...NO_AUTHORIZER, authorization: () => Promise.resolve('Bearer access-token-1') }
    const loggedIn = createConnector({ variables: {}, remote: { authorizerOf: () => authorizer } })
    const thrown = await failure(complainAloud, { transport, headers: { 'x-key': 's3cret' } }, loggedIn)
    expect(thrown).toMatchObject({ message: expect.stringMatching(/It said: bad header: \[redacted\]$/) })
  })

  it('never is waited for as long as a start may take', async () => {
    const thrown = await failure(() => {}, { startTimeoutMs: 100 })
    expect(thrown).toMatchObject({ code: 'timeout' })
  })

  it('with a reset is an error', async () => {
    const thrown = await failure((request) => request.socket.resetAndDestroy())
    expect(thrown).toMatchObject({ message: expect.stringContaining('closed the connection before it had answered.') })
  })
})

describe('a server that is not there', () => {
  it('is named, with what to do, and the connection is lost', async () => {
    const server = await serveHttp(() => {})
    await server[Symbol.asyncDispose]()
    await using connection = await connector(remoteServer(`${server.url}?key=s3cret-key`), NEVER)
    const sent = connection.send('{"jsonrpc":"2.0","id":1,"method":"initialize"}')
    const message = `server "far": ${server.url} refused the connection. Is it running, and is its "url" right?`
    await expect(sent).rejects.toMatchObject({ code: 'server_unavailable', message })
    expect(await connection.closed).toMatchObject({ kind: 'lost', error: { message } })
  })

  it('loses no call that is still answered meanwhile', async () => {
    await using server = await serveStreamableHttp()
    await using connection = await connector(remoteServer(server.url), NEVER)
    const client = listenTo(connection)
    await client.introduce()
    expect(await client.request(1, 'ping')).toMatchObject({ id: 1 })
  })

  it('has an unknown host', async () => {
    expect(await failureOf(remoteServer('http://no-such-host.invalid/mcp'))).toMatchObject({
      message: expect.stringMatching(/unknown host|could not be looked up/),
    })
  })

  it('does not speak TLS', async () => {
    await using server = await serveHttp(() => {})
    expect(await failureOf(remoteServer(server.url.replace('http:', 'https:')))).toMatchObject({
      message: expect.stringContaining('Is it http:// instead?'),
    })
  })

  it('speaks something else than HTTP', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    expect(await failureOf(remoteServer(url))).toMatchObject({
      code: expect.stringMatching(/server_unavailable|connection_closed/),
    })
    server.close()
  })
})

describe('a redirect', () => {
  it('within the origin is followed with method, body and headers, and remembered', async () => {
    await using target = await serveStreamableHttp()
    await using server = await serveHttp((request, response) => {
      if (request.url !== '/mcp/') return response.writeHead(307, { location: '/mcp/' }).end()
      return target.server.emit('request', request, response)
    })
    await using far = new OneServer(remoteServer(server.url, { headers: { 'x-key': 'k' } }), connector)
    expect((await far.list()).tools).toHaveLength(1)
    expect(server.requests.filter(({ url }) => url === '/mcp')).toHaveLength(1)
    expect(server.requests.every(({ headers }) => headers['x-key'] === 'k')).toBe(true)
  })

  it('elsewhere is not followed, and nothing of ours goes there', async () => {
    await using elsewhere = await serveHttp(answering(200, {}))
    const location = `${elsewhere.url}?token=s3cret`
    const thrown = await failure(answering(307, { location }), { headers: { authorization: 'Bearer abcdefgh' } })
    expect(thrown).toMatchObject({
      code: 'server_unavailable',
      message: `server "far": it redirects to ${elsewhere.url}, which is not followed. Change its "url" if that is where it lives.`,
    })
    expect(elsewhere.requests).toEqual([])
  })

  it('that leads round in a circle ends', async () => {
    const thrown = await failure(answering(308, { location: '/mcp' }))
    expect(thrown).toMatchObject({
      message: expect.stringMatching(/it redirects to http:.*\/mcp, which is not followed/),
    })
  })

  it('that would turn the message into a GET is not followed', async () => {
    expect(await failure(answering(302, { location: 'other?key=s3cret' }))).toMatchObject({
      message: expect.stringMatching(/it redirects to http:.*\/other, which is not followed\. Change its "url"/),
    })
  })
})

describe('a server that floods its stream', () => {
  const FLOOD = 12_000
  const line = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: {} })}\n\n`

  it('is read at a pace, loses nothing, and is called meanwhile', async () => {
    await using inner = await serveStreamableHttp()
    await using server = await serveHttp((request, response) => {
      if (request.method !== 'GET') return inner.server.emit('request', request, response)
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).write(line.repeat(FLOOD))
    })
    const clock = hastyClock()
    const paced = createConnector({ variables: {}, remote: { clock } })
    await using connection = await paced(remoteServer(server.url), NEVER)
    const client = listenTo(connection)
    await client.introduce()
    await vi.waitFor(() => expect(clock.waits.length).toBeGreaterThan(0))
    expect(await client.request(1, 'ping')).toMatchObject({ id: 1 })
    await vi.waitFor(() => expect(client.frames.filter(([{ method }]) => method !== undefined)).toHaveLength(FLOOD))
  })
})
