import { describe, expect, it } from 'vitest'
import { FakePool } from '../../test/support/fake-pool.ts'
import { settle } from '../../test/support/manual-clock.ts'
import { TestClient } from '../../test/support/pool-client.ts'
import type { StdioServerDefinition } from './server-definition.ts'

async function pooled(settings: Partial<StdioServerDefinition> = {}) {
  const fake = new FakePool()
  await fake.configure({ name: 'one', ...settings })
  const stateOf = () => fake.pool.row('one').state
  return Object.assign(fake, { stateOf, join: () => new TestClient(fake.pool, 'one') })
}

describe('the start of a server', () => {
  it('is due to its first use, not to being opened', async () => {
    await using fake = await pooled()
    expect(fake.stateOf()).toBe('cold')
    const client = fake.join()
    await settle()
    // To say hello is a use while nobody knows what the server would answer.
    expect(fake.servers.opened).toHaveLength(1)
    expect(await client.call()).toMatchObject({ result: { content: [] } })
    expect(fake.stateOf()).toBe('ready')
  })

  it('is one for all who wait for it', async () => {
    await using fake = await pooled()
    const clients = [fake.join(), fake.join(), fake.join()]
    const answers = await Promise.all([...clients.map((client) => client.call()), fake.pool.start('one')])
    expect(answers).toHaveLength(4)
    expect(fake.servers.opened).toHaveLength(1)
    expect(fake.servers.last.calls).toHaveLength(3)
  })

  it('rejects every waiting call when it fails, and says when to try again', async () => {
    await using fake = await pooled()
    fake.servers.behaviour.start = 'refuse'
    const clients = [fake.join(), fake.join()]
    const started = fake.pool.start('one').catch((thrown: unknown) => thrown)
    const data = { server: 'one', delivered: 'no', retryable: true, retryAfterMs: 100 }
    const answers = await Promise.all(clients.map((client) => client.call()))
    for (const answer of answers) expect(answer).toMatchObject({ error: { data } })
    expect(await started).toMatchObject({ code: 'internal', retryAfterMs: 100 })
    expect(fake.stateOf()).toBe('backing-off')
  })

  it('is given up after its time, with the last words of the server', async () => {
    await using fake = await pooled({ startTimeoutMs: 5_000 })
    fake.servers.behaviour.start = 'silent'
    const answer = fake.join().call()
    await fake.clock.advance(4_999)
    expect(fake.stateOf()).toBe('starting')
    await fake.clock.advance(1)
    expect(await answer).toMatchObject({
      error: {
        code: -32001,
        message:
          'server "one": it did not start within 5000 ms. Raise its "startTimeoutMs" if it needs longer. Its last lines: last words',
      },
    })
    expect(fake.servers.running).toEqual([])
  })

  it('is made with the service where it is to be', async () => {
    await using fake = await pooled({ autoStart: true })
    await settle()
    expect(fake.stateOf()).toBe('ready')
  })
})

describe('an idle server', () => {
  it('is stopped when it was unused for its time, however many clients have it open', async () => {
    await using fake = await pooled({ keepAliveMs: 60_000 })
    const client = fake.join()
    await client.call()
    await fake.clock.advance(59_999)
    expect(fake.stateOf()).toBe('ready')
    await fake.clock.advance(1)
    expect([fake.stateOf(), fake.servers.running]).toEqual(['cold', []])
    expect(fake.pool.row('one')).toMatchObject({ clients: 1, why: 'it was unused.' })
  })

  it('is never stopped under a call, and again counts from its end', async () => {
    await using fake = await pooled({ keepAliveMs: 10_000 })
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    await fake.clock.advance(25_000)
    fake.servers.last.answer()
    await answer
    await fake.clock.advance(9_999)
    expect(fake.stateOf()).toBe('ready')
    await fake.clock.advance(1)
    expect(fake.stateOf()).toBe('cold')
  })

  it.each([0, 60_000])('starts again for a call that comes while it stops (kept %i ms)', async (keepAliveMs) => {
    await using fake = await pooled({ keepAliveMs })
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.stop = 'hold'
    await fake.clock.advance(keepAliveMs)
    expect(fake.stateOf()).toBe('stopping')
    const [first] = fake.servers.opened
    const answer = client.call()
    await settle()
    expect(fake.servers.opened).toHaveLength(1)
    first?.release()
    expect(await answer).toMatchObject({ result: {} })
    expect(fake.servers.opened).toHaveLength(2)
  })

  it('loses no call at the edge', async () => {
    await using fake = await pooled({ keepAliveMs: 100, maxClients: 50 })
    const clients = Array.from({ length: 10 }, () => fake.join())
    const answers: Array<Promise<unknown>> = []
    for (let round = 0; round < 300; round++) {
      await fake.clock.advance(round % 7 === 0 ? 99 : 100)
      for (const client of clients) answers.push(client.call('echo', { round }))
      if (round % 3 === 0) await fake.clock.advance(1)
    }
    const all = await Promise.all(answers)
    expect(all.filter((answer) => !('result' in (answer as object)))).toEqual([])
    expect(fake.servers.opened.length).toBeGreaterThan(100)
    expect(fake.servers.running.length).toBeLessThan(2)
  })

  it('is restarted when it holds too much memory, and never while it is busy', async () => {
    await using fake = await pooled({ maxMemoryMb: 100, heartbeatMs: 1_000 })
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.memoryMb = 101
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    await fake.clock.advance(10_000)
    expect(fake.stateOf()).toBe('ready')
    fake.servers.last.answer()
    await answer
    await fake.clock.advance(3_000)
    expect(fake.pool.row('one')).toMatchObject({ state: 'cold', why: 'it used 101 MB, over its 100 MB.' })
  })
})

describe('a server that crashes', () => {
  it('ends its calls with one error each and is started again', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const answers = [client.call(), client.call()]
    fake.servers.last.crash(3)
    for (const answer of answers) {
      expect(await answer).toMatchObject({
        error: {
          code: -32000,
          message: 'server "one": it exited with code 3. Its last lines: last words',
          data: { delivered: 'unknown', retryable: false },
        },
      })
    }
    expect(fake.stateOf()).toBe('backing-off')
    await fake.clock.advance(100)
    expect(fake.pool.row('one')).toMatchObject({ state: 'ready', restarts: 1 })
    expect(fake.servers.last.calls).toEqual([])
  })

  it('serves the next call as soon as it is up again', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.last.crash()
    await settle()
    const answer = client.call()
    await fake.clock.advance(100)
    expect(await answer).toMatchObject({ result: {} })
  })

  it('refuses calls at once while its next start is far off', async () => {
    await using fake = await pooled()
    const client = fake.join()
    fake.servers.behaviour.start = 'refuse'
    for (const delayMs of [0, 100, 200, 400]) await fake.clock.advance(delayMs)
    expect(fake.observer.lines.at(-1)).toBe('one fell, again in 800 ms')
    const { error } = await client.call()
    expect(error).toMatchObject({ code: -32603 })
    await fake.clock.advance(0.5)
    client.send({ id: 'again', method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {} } })
    await settle()
    expect(client.messages.at(-1)).toMatchObject({
      id: 'again',
      error: {
        code: -32010,
        message: expect.stringMatching(
          /\(Its next attempt is not due yet; "pilot service start one" starts it now\.\)$/,
        ),
        data: { retryAfterMs: 800 },
      },
    })
  })

  it('has failed after five crashes in a minute, and is then tried once each half minute while it is used', async () => {
    await using fake = await pooled()
    fake.servers.behaviour.start = 'refuse'
    const client = fake.join()
    await fake.clock.advance(100 + 200 + 400 + 800)
    expect(fake.stateOf()).toBe('failed')
    const attempts = () => fake.observer.lines.filter((line) => line.includes('starting')).length
    const before = attempts()
    await fake.clock.advance(29_999)
    expect(attempts()).toBe(before)
    await fake.clock.advance(1)
    expect(attempts()).toBe(before + 1)
    expect(fake.stateOf()).toBe('failed')
    client.close()
    await fake.clock.advance(3_600_000)
    expect(fake.stateOf()).toBe('failed')
    fake.servers.behaviour.start = 'ready'
    expect(await fake.join().call()).toMatchObject({ result: {} })
    expect(fake.stateOf()).toBe('ready')
  })

  it('counts as restarted when it had run, not when a start of it has failed', async () => {
    await using fake = await pooled()
    fake.servers.behaviour.start = 'refuse'
    void fake.join().call()
    await fake.clock.advance(100 + 200 + 400)
    fake.servers.behaviour.start = 'ready'
    await fake.clock.advance(800)
    expect(fake.pool.row('one')).toMatchObject({ state: 'ready', restarts: 0 })
    fake.servers.last.crash()
    fake.servers.behaviour.start = 'refuse'
    await fake.clock.advance(60_000)
    expect(fake.pool.row('one')).toMatchObject({ restarts: 1 })
  })

  it('is not started for nobody', async () => {
    await using fake = await pooled({ keepAliveMs: 50 })
    fake.servers.behaviour.start = 'refuse'
    fake.join()
    await fake.clock.advance(100)
    expect(fake.pool.row('one')).toMatchObject({ state: 'failed', next: 'It is tried once more on next use.' })
    fake.servers.behaviour.start = 'ready'
    expect(await fake.join().call()).toMatchObject({ result: {} })
  })

  it('is taken for well again when it has run, and nobody uses it', async () => {
    await using fake = await pooled({ keepAliveMs: 50 })
    await fake.join().call()
    fake.servers.last.crash()
    await fake.clock.advance(100)
    expect(fake.stateOf()).toBe('cold')
  })

  it('is started at once when somebody asks for it by name', async () => {
    await using fake = await pooled()
    fake.servers.behaviour.start = 'refuse'
    fake.join()
    await fake.clock.advance(5_000)
    expect(fake.stateOf()).toBe('failed')
    fake.servers.behaviour.start = 'ready'
    expect(await fake.pool.start('one')).toMatchObject({ state: 'ready' })
    await fake.clock.advance(60_000)
    expect(fake.servers.opened).toHaveLength(1)
  })

  it('is not started before the one before it is gone', async () => {
    await using fake = await pooled({ startTimeoutMs: 1_000 })
    fake.servers.behaviour.stop = 'hold'
    fake.servers.behaviour.start = 'silent'
    fake.join()
    await fake.clock.advance(2_000)
    expect(fake.stateOf()).toBe('starting')
    expect(fake.servers.opened).toHaveLength(1)
    fake.servers.behaviour.start = 'ready'
    fake.servers.last.release()
    await settle()
    expect(fake.stateOf()).toBe('ready')
    expect(fake.servers.opened).toHaveLength(2)
  })
})

describe('a silent server', () => {
  it('is restarted after two missed pings', async () => {
    await using fake = await pooled()
    await fake.join().call()
    fake.servers.behaviour.pings = 'ignore'
    await fake.clock.advance(4 * 30_000)
    expect(fake.observer.lines).toContain('one fell, again in 100 ms')
    fake.servers.behaviour.pings = 'answer'
    await fake.clock.advance(100)
    expect(fake.pool.row('one')).toMatchObject({ state: 'ready', restarts: 1 })
  })

  it('is never killed while it works on a call', async () => {
    await using fake = await pooled({ callTimeoutMs: 500_000 })
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.pings = 'ignore'
    fake.servers.behaviour.calls = 'hold'
    const answer = client.call()
    await fake.clock.advance(400_000)
    fake.servers.last.answer()
    expect(await answer).toMatchObject({ result: {} })
    expect(fake.servers.opened).toHaveLength(1)
  })
})

describe('a server that is told to stop', () => {
  it('finishes its calls first', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const inFlight = client.call()
    const stopped = fake.pool.stop('one')
    const late = client.call()
    await settle()
    expect(fake.stateOf()).toBe('stopping')
    fake.servers.last.answer()
    expect(await inFlight).toMatchObject({ result: {} })
    expect(await late).toMatchObject({ error: { code: -32010, data: { delivered: 'no', retryable: true } } })
    expect(await stopped).toMatchObject({ state: 'cold' })
    expect(fake.servers.last.calls).toHaveLength(2)
  })

  it('ends with one clear error what does not finish', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const inFlight = client.call()
    const stopped = fake.pool.stop('one')
    await fake.clock.advance(10_000)
    expect(await inFlight).toMatchObject({ error: { message: 'server "one": it was stopped.' } })
    await stopped
  })

  it('may be told so, and to start, any number of times', async () => {
    await using fake = await pooled()
    for (let time = 0; time < 2; time++) expect(await fake.pool.start('one')).toMatchObject({ state: 'ready' })
    for (let time = 0; time < 2; time++) expect(await fake.pool.stop('one')).toMatchObject({ state: 'cold' })
    const outcomes = await Promise.allSettled([
      fake.pool.start('one'),
      fake.pool.stop('one'),
      fake.pool.stop('one'),
      fake.pool.start('one'),
    ])
    // A start that is stopped has not succeeded; all others have.
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    expect(fake.stateOf()).toBe('ready')
  })

  it('turns away what waits for its next start when it is then to end for good', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.stop = 'hold'
    const restarted = fake.pool.restart('one').catch(() => {})
    const waiting = client.call()
    const removed = fake.configure()
    expect(await waiting).toMatchObject({
      error: { code: -32602, message: 'server "one": it is no longer in the configuration.' },
    })
    fake.servers.behaviour.stop = 'at once'
    fake.servers.last.release()
    await Promise.all([removed, restarted])
    await settle()
    expect(fake.servers.running).toEqual([])
  })

  it('serves who waits for its start before it is restarted', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await fake.pool.restart('one')
    expect(await client.call()).toHaveProperty('result')
    expect(fake.servers.opened).toHaveLength(2)
  })

  it('holds calls back through a restart', async () => {
    await using fake = await pooled()
    const client = fake.join()
    await client.call()
    fake.servers.behaviour.calls = 'hold'
    const inFlight = client.call()
    const restarted = fake.pool.restart('one')
    const late = client.call()
    await settle()
    fake.servers.last.answer()
    fake.servers.behaviour.calls = 'answer'
    expect(await inFlight).toMatchObject({ result: {} })
    expect(await late).toMatchObject({ result: {} })
    await restarted
    expect(fake.servers.opened).toHaveLength(2)
  })
})
