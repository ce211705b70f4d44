import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { hastyClock, listenTo } from '../../../../test/support/remote-client.ts'
import { readJsonBody, remoteServer, serveHttp } from '../../../../test/support/remote-server.ts'
import { createRemoteConnector } from './remote.ts'

const NEVER = new AbortController().signal
const SOON = { interval: 5 }

/** A server whose own stream is answered as told, the first time with 0. */
async function serveStream(answer: (response: ServerResponse, time: number, lastEventId: unknown) => unknown) {
  let streams = 0
  return serveHttp(async (request, response) => {
    if (request.method === 'GET') return answer(response, streams++, request.headers['last-event-id'])
    const { id } = await readJsonBody(request)
    if (id === undefined) return response.writeHead(202).end()
    const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'x', version: '1' } }
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's1' })
    return response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  })
}

async function open(url: string) {
  const clock = hastyClock()
  const connection = await createRemoteConnector({ clock })(remoteServer(url), NEVER)
  const client = listenTo(connection)
  await client.introduce()
  return { connection, client, clock }
}

const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' })
const told = (name: string) => `data: ${JSON.stringify({ jsonrpc: '2.0', method: name })}\n\n`

describe("the stream of a server's own", () => {
  it('is opened again where it broke off, and loses nothing', async () => {
    await using server = await serveStream((response, time, lastEventId) =>
      time === 0
        ? stream(response).end(`id: e7\n${told('first')}`)
        : stream(response).write(told(`after-${String(lastEventId)}`)),
    )
    const { connection, client } = await open(server.url)
    await using _ = connection
    await expect.poll(() => client.frames.map(([{ method }]) => method), SOON).toEqual([undefined, 'first', 'after-e7'])
  })

  it('is opened again after an event whose id is no plain text, and anew after one that no header can hold', async () => {
    await using server = await serveStream((response, time, lastEventId) => {
      if (time === 0) return stream(response).end(`id: é☃\n${told('first')}`)
      const after = Buffer.from(String(lastEventId), 'latin1').toString()
      if (time === 1) return stream(response).end(`id: \x01\n${told(`after-${after}`)}`)
      return stream(response).write(told(`after-${after}`))
    })
    const { connection, client } = await open(server.url)
    await using _ = connection
    await expect
      .poll(() => client.frames.map(([{ method }]) => method), SOON)
      .toEqual([undefined, 'first', 'after-é☃', 'after-undefined'])
  })

  it('is opened ever more slowly when it keeps breaking off', async () => {
    await using server = await serveStream((response) => stream(response).end())
    const { connection, clock } = await open(server.url)
    await using _ = connection
    await expect.poll(() => clock.waits.length, SOON).toBeGreaterThan(8)
    expect(clock.waits.slice(0, 8)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
  })

  it('is waited for as long as a busy server asks', async () => {
    await using server = await serveStream((response, time) =>
      time === 0 ? response.writeHead(503, { 'retry-after': '2' }).end() : stream(response).write(told('hello')),
    )
    const { connection, client, clock } = await open(server.url)
    await using _ = connection
    await expect.poll(() => client.frames.length, SOON).toBe(2)
    expect(clock.waits).toEqual([2_000])
  })

  it.each([405, 404, 501])('is not asked for again where there is none (%i)', async (status) => {
    await using server = await serveStream((response) => response.writeHead(status).end())
    const { connection, client, clock } = await open(server.url)
    await using _ = connection
    await client.request(1, 'ping')
    await expect.poll(() => server.requests.filter(({ method }) => method === 'GET').length, SOON).toBe(1)
    expect(clock.waits).toEqual([])
    expect(client.renewals).toBe(0)
  })

  it('is not asked for again where it comes compressed', async () => {
    await using server = await serveStream((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      response.end(gzipSync(told('first')))
    })
    const { connection, client, clock } = await open(server.url)
    await using _ = connection
    await expect.poll(() => server.requests.filter(({ method }) => method === 'GET').length, SOON).toBe(1)
    for (let id = 1; id <= 5; id++) await client.request(id, 'ping')
    expect(clock.waits).toEqual([])
  })

  it('that is gone with its session has the session opened anew', async () => {
    await using server = await serveStream((response, time) =>
      time === 1
        ? response.writeHead(404).end()
        : time === 0
          ? stream(response).end()
          : stream(response).write(told('again')),
    )
    const { connection, client } = await open(server.url)
    await using _ = connection
    await expect.poll(() => client.frames.at(-1)?.[0].method, SOON).toBe('again')
    expect(client.renewals).toBe(1)
  })

  it('tells that the server is gone when it cannot be reached again and again', async () => {
    const server = await serveStream((response) => stream(response).write(told('hello')))
    const { connection, client } = await open(server.url)
    await using _ = connection
    await expect.poll(() => client.frames.length, SOON).toBe(2)
    await server[Symbol.asyncDispose]()
    expect(await connection.closed).toMatchObject({ kind: 'lost', error: { code: 'server_unavailable' } })
  })

  it('drops a message over the limit, says so, and carries the next', async () => {
    const huge = told('x'.repeat(9_000_000))
    await using server = await serveStream((response) => stream(response).write(huge + told('next')))
    const { connection, client } = await open(server.url)
    await using _ = connection
    await expect.poll(() => client.frames.at(-1)?.[0].method, SOON).toBe('next')
    expect(client.oversized).toBe(1)
  })
})
