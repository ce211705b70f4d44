import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { findFreePort } from '../../support/free-port.ts'
import { postRequest } from './http-connection.ts'
import { measureThroughput } from './measure-throughput.ts'

const LOAD = { concurrency: 20, durationMs: 50, now: () => performance.now() }

async function serve(listener: RequestListener) {
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe('the throughput of a path', () => {
  it('counts answers, as many at once as asked for', async () => {
    let now = 0
    let most = 0
    const { promise: allThere, resolve: goOn } = Promise.withResolvers<void>()
    const answer = (response: ServerResponse) => {
      now--
      response.writeHead(200, { 'content-length': 2 }).end('{}')
    }
    await using server = await serve((request, response) => {
      most = Math.max(most, ++now)
      if (most === LOAD.concurrency) goOn()
      request.resume().on('end', () => void allThere.then(() => answer(response)))
    })
    const target = { port: server.port, pid: process.pid, request: postRequest(server.port, '/', '{}') }
    const { callsPerSecond, cpuMs, errors } = await measureThroughput(target, LOAD)
    expect({ most, errors }).toEqual({ most: 20, errors: 0 })
    expect(callsPerSecond).toBeGreaterThan(0)
    expect(cpuMs).toBeGreaterThan(0)
  })

  it('counts a refused call as an error', async () => {
    await using server = await serve((_, response) => response.writeHead(503).end())
    const target = { port: server.port, pid: process.pid, request: postRequest(server.port, '/', '{}') }
    expect(await measureThroughput(target, LOAD)).toMatchObject({ callsPerSecond: 0, errors: 20 })
  })

  it('counts a connection that cannot be opened as an error', async () => {
    const port = await findFreePort()
    const { errors } = await measureThroughput({ port, pid: process.pid, request: postRequest(port, '/', '{}') }, LOAD)
    expect(errors).toBe(20)
  })
})
