import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { findFreePort } from '../../test/support/free-port.ts'
import { type Ended, runPilot } from '../../test/support/run-pilot.ts'

const HEALTHY = JSON.stringify({ status: 'healthy', service: 'pilotlight-worker', version: '1.2.3', uptime_s: 4 })

function serviceHealth(variables: Record<string, string>): Promise<Ended> {
  return runPilot(['service', 'health'], { variables: { XDG_CACHE_HOME: '/nowhere', ...variables } })
}

/** Something that listens where a worker could be. */
async function listener(answer: RequestListener) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port: String(port),
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('pilot service health', () => {
  it('ends silently with 0 while the worker lives', async () => {
    await using worker = await listener((_, response) => response.end(HEALTHY))
    expect(await serviceHealth({ WORKER_SERVICE_PORT: worker.port })).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(worker.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /health'])
  })

  it('asks the worker that somebody else runs where one is named', async () => {
    await using worker = await listener((_, response) => response.end(HEALTHY))
    expect(await serviceHealth({ WORKER_SERVICE_PORT: '1', WORKER_SERVICE_URL: worker.url })).toMatchObject({
      exitCode: 0,
    })
  })

  it('meets a worker that listens on every address on loopback', async () => {
    await using worker = await listener((_, response) => response.end(HEALTHY))
    const variables = { WORKER_SERVICE_HOST: '0.0.0.0', WORKER_SERVICE_PORT: worker.port }
    expect(await serviceHealth(variables)).toMatchObject({ exitCode: 0 })
  })

  it('shows nobody the token', async () => {
    await using worker = await listener((_, response) => response.writeHead(401).end())
    await serviceHealth({ WORKER_SERVICE_PORT: worker.port, PILOTLIGHT_TOKEN: 's3cret' })
    expect(worker.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  it('ends with 69 and the reason on one line where nobody listens', async () => {
    const port = String(await findFreePort())
    expect(await serviceHealth({ WORKER_SERVICE_PORT: port })).toEqual({
      exitCode: 69,
      stdout: '',
      stderr: `pilot service health: The worker at http://127.0.0.1:${port} gave no answer (connection refused).\n`,
    })
  })

  it.each([
    ['another service', (_, response) => response.end('{"status":"healthy","service":"another"}')],
    ['a page', (_, response) => response.end('<html></html>')],
    ['a worker that is not well', (_, response) => response.writeHead(500).end(HEALTHY)],
  ] satisfies [string, RequestListener][])('ends with 69 where %s answers', async (_, answer) => {
    await using other = await listener(answer)
    expect(await serviceHealth({ WORKER_SERVICE_PORT: other.port })).toEqual({
      exitCode: 69,
      stdout: '',
      stderr: `pilot service health: What answers at ${other.url} is not a Pilotlight worker.\n`,
    })
  })

  it('ends with 69 where a worker hangs', async () => {
    await using hanging = await listener(() => {})
    expect(await serviceHealth({ WORKER_SERVICE_PORT: hanging.port })).toEqual({
      exitCode: 69,
      stdout: '',
      stderr: `pilot service health: The worker at ${hanging.url} gave no answer within 2000 ms.\n`,
    })
  })

  it('ends with 78 where the environment is not usable', async () => {
    const { exitCode, stderr } = await serviceHealth({ WORKER_SERVICE_PORT: 'many' })
    expect(exitCode).toBe(78)
    expect(stderr).toContain('WORKER_SERVICE_PORT must be a whole number')
  })
})
