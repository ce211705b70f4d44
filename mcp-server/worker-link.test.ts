import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServiceError } from '../shared/errors/service-error.ts'
import { WorkerClient, type WorkerResponse } from '../shared/worker-client/worker-client.ts'
import { answers, breaksOff, errorBody, FakeWorker, never, resets, SUCCESS_BODY } from '../test/support/fake-worker.ts'
import type { QueueOutcome } from './shared-queue.ts'
import { WorkerLink, type WorkerLinkOptions } from './worker-link.ts'

const ONE_SHOT_BODY = '{"status":"success","message":"One-shot.","details":null}'
const ignored = new AbortController().signal
const CALL = '{"query":"x"}'

/** A one-shot fallback that answers at once, or holds its calls in line until it is let go. */
function fakeFallback({ busy = false } = {}) {
  const line: ((outcome: QueueOutcome<string>) => void)[] = []
  return {
    asked: [] as string[],
    ask(input: string, deadline: AbortSignal, signal: AbortSignal): Promise<QueueOutcome<string>> {
      this.asked.push(input)
      if (!busy) return Promise.resolve({ kind: 'done', value: ONE_SHOT_BODY })
      return new Promise((resolve, reject) => {
        line.push(resolve)
        signal.addEventListener('abort', () => reject(signal.reason))
        deadline.addEventListener('abort', () => reject(new ServiceError('overloaded', 'Busy.')))
        if (deadline.aborted) reject(new ServiceError('overloaded', 'Busy.'))
      })
    },
    recall: () => line.splice(0).forEach((resolve) => resolve({ kind: 'recalled' })),
  }
}

function linkTo(url: string, options: Partial<WorkerLinkOptions> = {}) {
  const logged: string[] = []
  const client = new WorkerClient({ url, readToken: () => undefined })
  const fallback = fakeFallback()
  const link = new WorkerLink({
    client,
    fallback,
    mode: 'auto',
    session: () => 'session-1',
    requestTimeoutMs: 30_000,
    random: () => 0.1,
    log: { line: (text) => logged.push(text), sparse: (_, text) => logged.push(text) },
    ...options,
  })
  return {
    link,
    fallback,
    client,
    logged,
    [Symbol.dispose]: () => [link, client].forEach((one) => one[Symbol.dispose]()),
  }
}

/** A client whose /health is answered by hand. */
function manualHealth() {
  const probes: { succeed(): void; fail(): void; signal: AbortSignal }[] = []
  const health = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      probes.push({ succeed: () => resolve('1.0.0'), fail: () => reject(new Error('refused')), signal })
    })
  return { probes, client: { url: 'http://worker', health, findTools: () => Promise.reject(new Error('unused')) } }
}

describe('WorkerLink', () => {
  it('sends a call to the worker with the session, and says so', async () => {
    await using worker = await FakeWorker.start()
    using made = linkTo(worker.url)
    expect(await made.link.findTools(CALL, ignored)).toEqual({ source: 'worker', body: SUCCESS_BODY, httpStatus: 200 })
    expect(worker.received[0]).toMatchObject({ body: CALL, headers: { 'x-pilotlight-session': 'session-1' } })
  })

  it('tries the worker before the first probe has ended', async () => {
    await using worker = await FakeWorker.start({ health: never })
    using made = linkTo(worker.url)
    made.link.start()
    expect(await made.link.findTools(CALL, ignored)).toMatchObject({ source: 'worker' })
  })

  it('probes nothing before a call while the worker is up', async () => {
    await using worker = await FakeWorker.start()
    using made = linkTo(worker.url)
    made.link.start()
    await vi.waitFor(() => expect(worker.count('GET /health')).toBe(1))
    for (let n = 0; n < 5; n++) await made.link.findTools(CALL, ignored)
    made.link.start()
    expect(worker.count('GET /health')).toBe(1)
  })

  describe('passes on as it came', () => {
    it.each([
      ['422', 422, '{"detail":[]}'],
      ['a refused token', 401, errorBody('unauthenticated')],
      ['an overloaded worker', 503, errorBody('overloaded')],
      ['an unavailable server', 503, errorBody('server_unavailable')],
      ['a 503 that is not from a worker', 503, '<html>'],
      ['a failed selector', 502, errorBody('selector_failed')],
      ['a slow selector', 504, errorBody('selector_timeout')],
    ])('%s', async (_, status, body) => {
      await using worker = await FakeWorker.start({ findTools: answers(status, body) })
      using made = linkTo(worker.url)
      expect(await made.link.findTools(CALL, ignored)).toEqual({ source: 'worker', body, httpStatus: status })
      expect(made.fallback.asked).toEqual([])
      expect(worker.count('POST /find_tools')).toBe(1)
    })
  })

  describe('retries once on a fresh connection', () => {
    it.each([
      ['reset', resets],
      ['closed in the middle of the answer', breaksOff],
    ])('when the connection was %s', async (_, broken) => {
      await using worker = await FakeWorker.start()
      using made = linkTo(worker.url)
      await made.link.findTools(CALL, ignored)
      worker.findTools = (request, response) => {
        worker.findTools = answers(200, SUCCESS_BODY)
        broken(request, response)
      }
      expect(await made.link.findTools(CALL, ignored)).toMatchObject({ source: 'worker', body: SUCCESS_BODY })
      expect(worker).toMatchObject({ connections: 2 })
      expect(made.fallback.asked).toEqual([])
    })

    it('and no more than once', async () => {
      await using worker = await FakeWorker.start({ findTools: resets })
      using made = linkTo(worker.url)
      expect(await made.link.findTools(CALL, ignored)).toEqual({ source: 'one-shot', body: ONE_SHOT_BODY })
      expect(worker.count('POST /find_tools')).toBe(2)
    })
  })

  describe('falls back to the one-shot', () => {
    it('when no worker listens', async () => {
      await using worker = await FakeWorker.start()
      await worker.kill()
      using made = linkTo(worker.url)
      expect(await made.link.findTools(CALL, ignored)).toEqual({ source: 'one-shot', body: ONE_SHOT_BODY })
      expect(made.fallback.asked).toEqual([CALL])
      expect(made.logged).toEqual([
        `the worker at ${worker.url} takes no connection; one-shots answer find_tools until it is back`,
        'a one-shot answered find_tools (fallback 1)',
      ])
    })

    it('when the worker drains, and asks it nothing until it is back', async () => {
      await using worker = await FakeWorker.start({ findTools: answers(503, errorBody('shutting_down')) })
      using made = linkTo(worker.url)
      for (let n = 0; n < 3; n++) {
        expect(await made.link.findTools(CALL, ignored)).toMatchObject({ source: 'one-shot' })
      }
      expect(worker.count('POST /find_tools')).toBe(1)
    })

    it('with every waiting call when the worker hangs', async () => {
      await using worker = await FakeWorker.start({ health: never, findTools: never })
      using made = linkTo(worker.url)
      const calls = Array.from({ length: 5 }, () => made.link.findTools(CALL, ignored))
      expect((await Promise.all(calls)).map(({ source }) => source)).toEqual(Array(5).fill('one-shot'))
      expect(worker.count('GET /health')).toBe(1)
    })
  })

  it('falls back at the deadline when the worker lives no more', async () => {
    await using worker = await FakeWorker.start({ health: never, findTools: never })
    using made = linkTo(worker.url, { requestTimeoutMs: 100 })
    expect(await made.link.findTools(CALL, ignored)).toMatchObject({ source: 'one-shot' })
  })

  it('is back on the worker as soon as it answers /health, and says how long it was not', async () => {
    await using worker = await FakeWorker.start()
    await worker.kill()
    using made = linkTo(worker.url)
    await made.link.findTools(CALL, ignored)
    await worker.listen()
    const back = 'the worker is back; one-shots answered 1 call meanwhile'
    await vi.waitFor(() => expect(made.logged.at(-1)).toBe(back))
    expect(await made.link.findTools(CALL, ignored)).toMatchObject({ source: 'worker' })
  })

  it('brings the calls that wait for a one-shot back to the worker when it is back', async () => {
    await using worker = await FakeWorker.start()
    await worker.kill()
    using made = linkTo(worker.url, { fallback: fakeFallback({ busy: true }) })
    const calls = Array.from({ length: 3 }, () => made.link.findTools(CALL, ignored))
    await worker.listen()
    expect((await Promise.all(calls)).map(({ source }) => source)).toEqual(Array(3).fill('worker'))
  })

  it('says overloaded when no one-shot became free until the deadline', async () => {
    await using worker = await FakeWorker.start()
    await worker.kill()
    using made = linkTo(worker.url, { fallback: fakeFallback({ busy: true }), requestTimeoutMs: 150 })
    const { source, body } = await made.link.findTools(CALL, ignored)
    expect({ source, ...JSON.parse(body) }).toMatchObject({ source: 'one-shot', code: 'overloaded' })
  })

  it.each(['worker', 'one-shot'] as const)("rejects with the caller's reason when it cancels at the %s", async (at) => {
    await using worker = await FakeWorker.start({ findTools: never })
    if (at === 'one-shot') await worker.kill()
    using made = linkTo(worker.url, { fallback: fakeFallback({ busy: true }) })
    const controller = new AbortController()
    const call = made.link.findTools(CALL, controller.signal)
    setTimeout(() => controller.abort(new Error('changed my mind')), 150)
    await expect(call).rejects.toThrow('changed my mind')
  })

  describe('FIND_TOOLS_MODE', () => {
    it('one-shot never asks the worker', async () => {
      await using worker = await FakeWorker.start()
      using made = linkTo(worker.url, { mode: 'one-shot' })
      made.link.start()
      expect(await made.link.findTools(CALL, ignored)).toEqual({ source: 'one-shot', body: ONE_SHOT_BODY })
      expect(worker.received).toEqual([])
      expect(made.logged).toEqual([])
    })

    it('worker never falls back, and tries the worker each time', async () => {
      await using worker = await FakeWorker.start({ findTools: answers(503, errorBody('shutting_down')) })
      using made = linkTo(worker.url, { mode: 'worker' })
      const codes = async () => JSON.parse((await made.link.findTools(CALL, ignored)).body).code as string
      expect(await codes()).toBe('shutting_down')
      worker.findTools = answers(200, SUCCESS_BODY)
      expect(await made.link.findTools(CALL, ignored)).toMatchObject({ source: 'worker', body: SUCCESS_BODY })
      await worker.kill()
      expect(await codes()).toBe('connection_closed')
      expect(made.fallback.asked).toEqual([])
    })
  })

  describe('probing, in virtual time', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    it('asks /health once for all calls that are unanswered after a second, and waits on while it answers', async () => {
      const { probes, client } = manualHealth()
      const answered = Promise.withResolvers<WorkerResponse>()
      using made = linkTo('http://worker', { client: { ...client, findTools: () => answered.promise } })
      const calls = Array.from({ length: 5 }, () => made.link.findTools(CALL, ignored))
      await vi.advanceTimersByTimeAsync(1_000)
      probes[0]?.succeed()
      await vi.advanceTimersByTimeAsync(10_000)
      answered.resolve({ status: 200, headers: {}, body: SUCCESS_BODY })
      expect((await Promise.all(calls)).map(({ source }) => source)).toEqual(Array(5).fill('worker'))
      expect(probes).toHaveLength(1)
    })

    it('passes on a timeout while the worker lives', async () => {
      const { probes, client } = manualHealth()
      const findTools: WorkerLinkOptions['client']['findTools'] = (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      using made = linkTo('http://worker', { client: { ...client, findTools }, requestTimeoutMs: 100 })
      const reply = made.link.findTools(CALL, ignored)
      await vi.advanceTimersByTimeAsync(100)
      probes[0]?.succeed()
      const { source, body } = await reply
      expect({ source, ...JSON.parse(body) }).toMatchObject({ source: 'worker', status: 'error', code: 'timeout' })
      expect(made.fallback.asked).toEqual([])
    })

    it('asks every 500 ms while the worker is down, and never again once it is up', async () => {
      const { probes, client } = manualHealth()
      using made = linkTo('http://worker', { client })
      made.link.start()
      probes[0]?.fail()
      for (let expected = 1; expected <= 4; expected++) {
        expect(probes).toHaveLength(expected)
        await vi.advanceTimersByTimeAsync(500)
        probes[expected]?.fail()
      }
      await vi.advanceTimersByTimeAsync(500)
      probes.at(-1)?.succeed()
      await vi.advanceTimersByTimeAsync(10_000)
      expect(probes).toHaveLength(6)
    })

    it('gives each probe 500 ms and never has two under way', async () => {
      const { probes, client } = manualHealth()
      using made = linkTo('http://worker', { client })
      made.link.start()
      for (let waited = 0; waited < 6_000; waited += 100) {
        await vi.advanceTimersByTimeAsync(100)
        expect(probes.filter(({ signal }) => !signal.aborted).length).toBeLessThanOrEqual(1)
      }
      expect(probes.length).toBeGreaterThanOrEqual(6)
    })

    it('stops when it is disposed', async () => {
      const { probes, client } = manualHealth()
      const { link } = linkTo('http://worker', { client })
      link.start()
      probes[0]?.fail()
      await vi.advanceTimersByTimeAsync(0)
      link[Symbol.dispose]()
      await vi.advanceTimersByTimeAsync(5_000)
      expect(probes).toHaveLength(1)
      expect(vi.getTimerCount()).toBe(0)
    })

    it('starts no prober for a probe that fails after it was disposed', async () => {
      const { client } = manualHealth()
      const { link } = linkTo('http://worker', { client })
      link.start()
      link[Symbol.dispose]()
      await vi.advanceTimersByTimeAsync(5_000)
      expect(vi.getTimerCount()).toBe(0)
    })
  })
})
