import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { HttpConnection, postRequest } from './http-connection.ts'

async function serve(listener: RequestListener) {
  let connections = 0
  const server = createServer(listener).on('connection', () => connections++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const accept: RequestListener = (request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-length': 2 }).end('{}'))
}

describe('a raw HTTP connection', () => {
  it('serves one call after another', async () => {
    await using server = await serve(accept)
    using connection = await HttpConnection.open(server.port)
    const request = postRequest(server.port, '/', '{"query":"ä"}')
    for (let call = 0; call < 100; call++) await connection.send(request)
    expect(server.connections()).toBe(1)
  })

  it('reads an answer to its end, however it is cut', async () => {
    await using server = await serve((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-length': 200_000 })
        response.write('x'.repeat(50_000), () => setImmediate(() => response.end('y'.repeat(150_000))))
      })
    })
    using connection = await HttpConnection.open(server.port)
    const request = postRequest(server.port, '/', '{}')
    for (let call = 0; call < 5; call++) await connection.send(request)
    expect(server.connections()).toBe(1)
  })

  it.each<[string, RequestListener, string]>([
    ['an error', (_, response) => response.writeHead(503).end(), '503'],
    ['a closed connection', (request) => request.socket.destroy(), 'closed'],
  ])('throws for %s, and for every call after it', async (_, listener, reason) => {
    await using server = await serve(listener)
    using connection = await HttpConnection.open(server.port)
    const request = postRequest(server.port, '/', '{}')
    await expect(connection.send(request)).rejects.toThrow(reason)
    await expect(connection.send(request)).rejects.toThrow('closed')
  })
})
