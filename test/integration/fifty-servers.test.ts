import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { introductionLine } from '../../shared/client-introduction.ts'
import type { Readiness } from '../../shared/contracts/health.ts'
import { readEnvironment } from '../../shared/environment.ts'
import { fixtureEntry } from '../support/fixture-server.ts'
import { OwnWorker } from '../support/own-worker.ts'

// As often as the worker is started again; a long run: PILOTLIGHT_RESTARTS=100.
const RESTARTS = Number(process.env['PILOTLIGHT_RESTARTS'] ?? 4)
const PINNED = { pinnedTools: ['*'] }

/** 48 that can be listed, all with a tool of the same name, and among them one that hangs and one that crashes. */
function fiftyServers(): Record<string, object> {
  const names = Array.from({ length: 50 }, (_, index) => `server-${String(index).padStart(2, '0')}`)
  const entryOf = (index: number) => {
    if (index === 7) return { ...fixtureEntry('never-answers', [], PINNED), startTimeoutMs: 2_000 }
    if (index === 23) return fixtureEntry('dies-in-initialize', [], PINNED)
    return fixtureEntry('verbatim', [], PINNED)
  }
  return Object.fromEntries(names.map((name, index) => [name, entryOf(index)]))
}

const MESSAGES = [
  {
    id: 'hello',
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  },
  { method: 'notifications/initialized' },
  { id: 1, method: 'tools/list' },
  { id: 2, method: 'prompts/list' },
  { id: 3, method: 'resources/list' },
].map((message) => JSON.stringify({ jsonrpc: '2.0', ...message }))

/** What the worker knows, and of which servers it does not. */
async function catalogOf({ url }: OwnWorker): Promise<Readiness['dependencies']['catalog']> {
  const ready = (await (await fetch(`${url}/ready`)).json()) as Readiness
  return ready.dependencies.catalog
}

/** The files in which it is kept what servers answer. */
async function filesOf({ variables }: OwnWorker): Promise<string[]> {
  const files = await readdir(join(readEnvironment(variables).folders.cache, 'catalog'))
  return files.filter((file) => file.endsWith('.answers'))
}

/** What `mcp.sock` answers to initialize and to the requests for lists, as it came. */
async function overSocket(worker: OwnWorker): Promise<string> {
  const socket = connect(worker.socketOf())
  socket.end(introductionLine({ session: 'one-and-the-same' }) + MESSAGES.map((line) => `${line}\n`).join(''))
  // Answered in whatever order, on a line each.
  const chunks = (await socket.toArray()) as Buffer[]
  return Buffer.concat(chunks).toString().split('\n').toSorted().join('\n')
}

/** What `/mcp` answers to tools/list. */
async function overHttp({ url, token }: OwnWorker): Promise<string> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const post = (body: string | undefined, session: object) =>
    fetch(`${url}/mcp`, { method: 'POST', headers: { ...headers, ...session }, body: body ?? '' })
  const hello = await post(MESSAGES[0], {})
  await hello.text()
  const session = { 'mcp-session-id': hello.headers.get('mcp-session-id') ?? '' }
  await (await post(MESSAGES[1], session)).text()
  const listed = await (await post(MESSAGES[2], session)).text()
  await fetch(`${url}/mcp`, { method: 'DELETE', headers: { ...headers, ...session } })
  return listed.replaceAll(/^id: .*\n/gm, '')
}

describe('a worker of fifty servers, of which one hangs and one crashes', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await OwnWorker.start({})
    await worker.reconfigure({ mcpServers: fiftyServers() })
    // What a server has besides tools is asked for last, and the one that hangs is given up in the end.
    while ((await filesOf(worker)).length < 48) await sleep(50)
    while ((await worker.listed()) < 50) await sleep(50)
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  it('names these two and why', async () => {
    const { skipped } = await catalogOf(worker)
    expect(Object.keys(skipped)).toEqual(['server-07', 'server-23'])
    expect(skipped['server-07']).toContain('it did not start within 2000 ms')
    expect(skipped['server-23']).toContain('it exited with code 3')
  })

  it('lists their tools byte for byte the same, however often it is started again, with none of them running', async () => {
    const [socket, http] = [await overSocket(worker), await overHttp(worker)]
    expect(socket.match(/"name":"(server-\d+__)?echo"/g)).toHaveLength(48)
    expect(socket.match(/"name":"(server-\d+__)?greet"/g)).toHaveLength(48)
    expect(socket.match(/"name":"a"/g)).toHaveLength(48)
    expect(http.match(/"name":"(server-\d+__)?echo"/g)).toHaveLength(48)
    for (let restart = 0; restart < RESTARTS; restart++) {
      await worker.restart(restart % 2 === 0 ? 'SIGTERM' : 'SIGKILL')
      expect(await overSocket(worker)).toBe(socket)
      expect(await overHttp(worker)).toBe(http)
      const { servers } = await worker.status()
      const used = servers.filter(({ state }) => state !== 'cold').map(({ name }) => name)
      expect(['server-07', 'server-23']).toEqual(expect.arrayContaining(used))
    }
  }, 3_600_000)
})
