import { once } from 'node:events'
import { expect, it } from 'vitest'
import { type RequestFrame, scanFrame } from '../../../shared/frames/frame-scan.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { serveHttp } from '../../../test/support/remote-server.ts'
import { McpSession } from './mcp-session.ts'

const frame = (message: object) => Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))

const INTRODUCTION = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } }

it('gives a client that comes back too late for an answer an error in its place', async () => {
  const toServer = { send: () => true, isSettled: () => true, close() {} }
  const session = new McpSession({ id: 's', open: () => toServer, clock: new ManualClock(), ended() {} })
  const left = Promise.withResolvers<void>()
  await using http = await serveHttp((request, response) => {
    if (request.method === 'GET') return session.listen(response, String(request.headers['last-event-id']))
    void once(response, 'close').then(() => left.resolve())
    return session.ask(
      scanFrame(frame({ id: 8, method: 'initialize', params: INTRODUCTION })) as RequestFrame,
      response,
    )
  })
  const asked = await fetch(http.url, { method: 'POST' })
  const reader = asked.body?.getReader()
  const primer = Buffer.from((await reader?.read())?.value ?? []).toString()
  await reader?.cancel()
  await left.promise
  session.frame(frame({ id: 8, result: {} }))
  for (const data of ['x', 'y']) {
    session.frame(frame({ method: 'notifications/message', params: { data: data.repeat(800_000) } }))
  }
  const lastEventId = /id: (\S+)/.exec(primer)?.[1] ?? ''
  const resumed = await fetch(http.url, { headers: { 'last-event-id': lastEventId } })
  expect(await resumed.text()).toContain(
    'data: {"jsonrpc":"2.0","id":8,"error":{"code":-32000,"message":"The answer came while the client was away, and is kept no longer."',
  )
})
