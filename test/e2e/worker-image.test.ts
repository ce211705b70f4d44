import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { describe, expect, it } from 'vitest'
import { docker, dockerIsReady, inspectContainer } from '../support/docker.ts'
import { findTools, readinessFromInside } from '../support/worker-http.ts'
import { EXAMPLE_CATALOG } from './example-catalog.ts'

const TOKEN = 'a-token-of-the-user'
const START_DEADLINE_MS = 180_000

function workerImage(variables: Record<string, string> = {}): GenericContainer {
  return new GenericContainer('pilotlight-worker')
    .withExposedPorts(3021)
    .withEnvironment(variables)
    .withWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(START_DEADLINE_MS)
}

function urlOf(worker: StartedTestContainer): string {
  return `http://localhost:${worker.getMappedPort(3021)}`
}

describe.runIf(dockerIsReady())('the worker image alone', () => {
  it('asks for the token everywhere but on /health', async () => {
    await using worker = await workerImage({ PILOTLIGHT_TOKEN: TOKEN }).start()
    const statusOf = async (path: string, headers = {}) => (await fetch(`${urlOf(worker)}${path}`, { headers })).status
    const authorization = { authorization: `Bearer ${TOKEN}` }
    expect(await statusOf('/health')).toBe(200)
    // It is ready once it has listed its servers.
    await expect.poll(() => statusOf('/ready', authorization)).toBe(200)
    for (const path of ['/ready', '/metrics', '/docs', '/openapi.json', '/api/v1/health']) {
      expect([path, await statusOf(path), await statusOf(path, authorization)]).toEqual([path, 401, 200])
    }
    expect(await findTools(urlOf(worker), 'read a text file')).toMatchObject({
      status: 401,
      answer: { status: 'error', code: 'unauthenticated' },
    })
    expect(await findTools(urlOf(worker), 'read a text file', authorization)).toMatchObject({ status: 200 })
  })

  it('makes a token of its own where none is given', async () => {
    await using worker = await workerImage({ PILOTLIGHT_TOKEN_FILE: '/run/pilotlight-token/token' }).start()
    const { output } = await worker.exec(['cat', '/run/pilotlight-token/token'])
    const headers = { authorization: `Bearer ${output.trim()}` }
    expect(await findTools(urlOf(worker), 'read a text file', headers)).toMatchObject({ status: 200 })
  })

  it('asks for no token to find tools where WORKER_AUTH is none', async () => {
    await using worker = await workerImage({ WORKER_AUTH: 'none' }).start()
    expect(await findTools(urlOf(worker), 'read a text file')).toMatchObject({ status: 200 })
  })

  it('knows every example server without a network', async () => {
    await using worker = await new GenericContainer('pilotlight-worker')
      .withNetworkMode('none')
      .withEnvironment({ WORKER_AUTH: 'none' })
      .withWaitStrategy(Wait.forHealthCheck())
      .withStartupTimeout(START_DEADLINE_MS)
      .start()
    const catalog = async () => (await readinessFromInside(worker.getId())).dependencies.catalog
    await expect.poll(catalog).toEqual(EXAMPLE_CATALOG)
  })

  it('refuses a configuration that others can write, and says what to do', async () => {
    const content = '{"mcpServers":{}}'
    await using worker = await new GenericContainer('pilotlight-worker')
      .withCopyContentToContainer([{ content, target: '/etc/pilotlight/mcp.json', mode: 0o666 }])
      .withWaitStrategy(Wait.forLogMessage('run "chmod go-w /etc/pilotlight/mcp.json"'))
      .withStartupTimeout(START_DEADLINE_MS)
      .start()
    await docker('wait', worker.getId())
    expect((await inspectContainer(worker.getId())).State.ExitCode).toBe(78)
  })
})
