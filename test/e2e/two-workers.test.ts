import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ComposeStack } from '../support/compose-stack.ts'
import { docker, dockerCommand, dockerIsReady } from '../support/docker.ts'
import { FrontSession } from '../support/front-session.ts'
import { findTools } from '../support/worker-http.ts'

// Each takes the address that Docker names first, in an order that changes: that all of them take the same has odds of 1 to 2^15.
const FRONTS = 16

describe.runIf(dockerIsReady())('docker compose up --scale worker-service=2', () => {
  let stack: ComposeStack
  let fronts: FrontSession[] = []

  beforeAll(async () => {
    stack = await ComposeStack.up({ workers: 2, variables: { WORKER_PUBLISHED_PORT: '' } })
    const container = await stack.container('mcp-server')
    const command = dockerCommand('exec', '-i', container, 'node', 'dist/pilot.cjs', 'mcp')
    fronts = await Promise.all(Array.from({ length: FRONTS }, () => FrontSession.open(command)))
  })

  afterAll(async () => {
    await Promise.all(fronts.map((front) => front[Symbol.asyncDispose]()))
    await stack[Symbol.asyncDispose]()
  })

  const askEveryFront = () => Promise.all(fronts.map((front) => front.findTools('read a text file')))

  it('publishes each worker on a port of its own, where it finds tools', async () => {
    const urls = await stack.workerUrls()
    expect(new Set(urls).size).toBe(2)
    for (const url of urls) expect(await findTools(url, 'read a text file')).toMatchObject({ status: 200 })
  })

  it('spreads the fronts over both workers', async () => {
    const urls = await stack.workerUrls()
    const before = await Promise.all(urls.map(countFindTools))
    for (const { source } of await askEveryFront()) expect(source).toBe('worker')
    const after = await Promise.all(urls.map(countFindTools))
    const calls = after.map((count, worker) => count - (before[worker] ?? 0))
    expect(Math.min(...calls)).toBeGreaterThan(0)
    expect(calls.reduce((sum, count) => sum + count)).toBe(FRONTS)
  })

  it('answers every front by the worker that is left when the other is killed', async () => {
    const [doomed = ''] = await stack.containers('worker-service')
    await docker('kill', doomed)
    for (const { source, answer } of await askEveryFront()) {
      expect({ source, status: answer.status }).toEqual({ source: 'worker', status: 'success' })
    }
  })
})

/** How many find_tools calls a worker has answered. */
async function countFindTools(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const counted = /^pilotlight_http_requests_total\{route="\/find_tools",status="200"\} (\d+)$/m.exec(metrics)
  return Number(counted?.[1] ?? 0)
}
