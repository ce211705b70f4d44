import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { LivePool } from '../../test/support/live-pool.ts'
import { TestClient } from '../../test/support/pool-client.ts'

const NEVER = new AbortController().signal
const NO_ARGUMENTS = Buffer.from('{}')

describe('a pool of real servers', () => {
  it('has 10 processes for 20 clients of 10 servers, and none when it is gone', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `server-${index}`)
    const live = await LivePool.of(names.map((name) => fixtureServer('counting', { name, maxClients: 20 })))
    const clients = Array.from({ length: 20 }, () => names.map((name) => new TestClient(live.pool, name))).flat()
    const answers = await Promise.all(clients.map((client, index) => client.call('pid', { index })))
    expect(new Set(answers.map(({ result }) => pidOf(result))).size).toBe(10)
    expect(answers.map(({ result }) => result?.structuredContent)).toMatchObject(clients.map((_, index) => ({ index })))
    expect(live.groups.started).toBe(10)
    await live.pool[Symbol.asyncDispose]()
    await expect.poll(() => live.groups.left()).toEqual([])
  })

  it('serves the call after its server was killed', async () => {
    await using live = await LivePool.of([fixtureServer('counting', { name: 'one' })])
    const client = new TestClient(live.pool, 'one')
    for (let kill = 0; kill < 3; kill++) {
      const { result } = await client.call('pid')
      process.kill(Number(pidOf(result)), 'SIGKILL')
      while (live.pool.row('one').state === 'ready') await sleep(1)
      // A wait that is drawn long is refused with the time to come back after.
      let answer = await client.call('pid')
      while (answer.error !== undefined) {
        await sleep(Number(answer.error.data?.retryAfterMs ?? 0))
        answer = await client.call('pid')
      }
      expect(pidOf(answer.result)).not.toBe(pidOf(result))
    }
  })

  it('carries a call out at most once, whichever byte of the answer its server dies at', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'counting-'))
    const file = join(folder.path, 'calls')
    const restart = { ...fixtureServer('x').restart, minDelayMs: 1, maxDelayMs: 1, maxCrashes: 1_000 }
    await using live = await LivePool.of([fixtureServer('counting', { name: 'one', args: [file], restart })])
    const client = new TestClient(live.pool, 'one')
    const outcomes: unknown[] = []
    for (let key = 0; key < 15; key++) {
      const { error } = await client.call('die', { key, atByte: key * 3 })
      outcomes.push(error?.data?.delivered ?? 'answered')
    }
    const carriedOut = (await readFile(file, 'utf8')).trim().split('\n')
    expect(carriedOut).toEqual([...new Set(carriedOut)])
    expect(carriedOut).toHaveLength(15)
    expect(new Set(outcomes)).toEqual(new Set(['unknown']))
  })

  it('finishes what is in flight when its configuration changes', async () => {
    const settings = { name: 'one', maxClients: 10 }
    await using live = await LivePool.of([fixtureServer('counting', settings)])
    const clients = Array.from({ length: 10 }, () => new TestClient(live.pool, 'one'))
    const answers = clients.map((client) => client.call('sleep', { ms: 100 }))
    while (live.pool.row('one').state !== 'ready') await sleep(1)
    const changed = fixtureServer('counting', { ...settings, env: { CHANGED: '1' } })
    const applied = live.configure(changed)
    const late = clients.map((client) => client.call('pid'))
    for (const answer of await Promise.all([...answers, ...late])) expect(answer).toHaveProperty('result')
    await applied
    expect(live.groups.started).toBe(2)
  })

  it('says what a server that does not start wrote last, and does not wait for its time', async () => {
    await using live = await LivePool.of([
      fixtureServer('dies-in-initialize', { name: 'one', env: { PASSWORD: 'hunter22' } }),
    ])
    const failure = await live.pool
      .call('one', { tool: 'x', arguments: NO_ARGUMENTS }, NEVER)
      .catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: 'server_unavailable' })
    expect(String(failure)).toContain('it exited with code 3. Its last lines: starting | Error: login with')
    expect(String(failure)).not.toContain('hunter22')
  })

  it('does not know a command that there is not', async () => {
    await using live = await LivePool.of([fixtureServer('x', { name: 'one', command: '/no/such/command' })])
    await expect(live.pool.start('one')).rejects.toMatchObject({ code: 'server_unavailable' })
    expect(live.pool.row('one')).toMatchObject({ state: 'backing-off' })
  })
})

function pidOf(result: Record<string, unknown> | undefined): unknown {
  return (result?.structuredContent as { pid?: number } | undefined)?.pid
}
