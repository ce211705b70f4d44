import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FindToolsRequest } from '../../../shared/contracts/find-tools-request.ts'
import { type Behaviour, HOSTILE, healthy, SLOW } from '../../../test/fixtures/selector/behaviours.ts'
import { type FakeSelector, startFakeSelector } from '../../../test/fixtures/selector/fake-selector.ts'
import { RecordingObserver } from '../../../test/fixtures/selector/recording-observer.ts'
import { createApiSelector } from '../selectors/api-selector.ts'
import type { ToolSelector } from '../tool-selector.ts'
import { FAILURES_TO_OPEN, PROBE_AFTER_MS } from './circuit.ts'

const REQUEST: FindToolsRequest = {
  query: 'open a pull request',
  agent_id: null,
  keep_tools: [],
  limit: 10,
  min_score: 50,
  request_heartbeat: false,
  detailed_response: false,
  compact: false,
}
const NEVER = new AbortController().signal

let fake: FakeSelector
let observer: RecordingObserver
let selector: ToolSelector

// Sockets are real; only the calendar, which says when a probe is due, is moved.
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  fake = await startFakeSelector()
  observer = new RecordingObserver()
  selector = createApiSelector({ baseUrl: fake.url, timeoutMs: 60_000, observer, random: () => 0 })
})

afterEach(async () => {
  await selector[Symbol.asyncDispose]()
  await fake[Symbol.asyncDispose]()
  vi.useRealTimers()
})

const attach = (signal = NEVER) => selector.attach(REQUEST, { kind: 'nobody' }, signal)

function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  )
}

async function failInARow(behaviour: Behaviour, times = FAILURES_TO_OPEN): Promise<void> {
  fake.behave(behaviour)
  for (let failure = 0; failure < times; failure++) await errorOf(attach())
}

async function openCircuit(): Promise<void> {
  await failInARow(HOSTILE['a reset connection'])
  fake.behave(healthy)
}

/** How a call ended, and how many requests it made. */
async function outcomeOf(call: () => Promise<unknown>) {
  const sentBefore = fake.requests.length
  const error = await errorOf(call())
  return { error, sent: fake.requests.length - sentBefore }
}

const REFUSED = { error: { code: 'selector_failed', retryAfterMs: PROBE_AFTER_MS }, sent: 0 }

describe('the circuit of an API selector', () => {
  it('opens after lost connections in a row, and refuses without asking', async () => {
    await openCircuit()
    expect(observer.events.at(-1)).toBe('circuit opened')
    const refused = await outcomeOf(attach)
    expect(refused).toMatchObject(REFUSED)
    expect(refused.error).toMatchObject({
      message: `Tool selector at ${fake.url} could not be reached lately and is tried again in a moment.`,
    })
  })

  it('opens after deadlines in a row', async () => {
    await using hasty = createApiSelector({ baseUrl: fake.url, timeoutMs: 100, observer, random: () => 0 })
    const ask = () => hasty.attach(REQUEST, { kind: 'nobody' }, NEVER)
    fake.behave(SLOW.silence)
    for (let failure = 0; failure < FAILURES_TO_OPEN; failure++) await errorOf(ask())
    expect(await outcomeOf(ask)).toMatchObject(REFUSED)
  })

  it('stays closed when a success stands between the failures', async () => {
    for (let round = 0; round < 2; round++) {
      await failInARow(HOSTILE['a reset connection'], FAILURES_TO_OPEN - 1)
      fake.behave(healthy)
      await attach()
    }
    expect(observer.events).not.toContain('circuit opened')
  })

  it('stays closed while the selector answers, however badly', async () => {
    await failInARow(HOSTILE['an internal error'], 2 * FAILURES_TO_OPEN)
    expect(observer.events).not.toContain('circuit opened')
  })

  it('stays closed when callers leave', async () => {
    fake.behave(SLOW.silence)
    for (let call = 0; call < 2 * FAILURES_TO_OPEN; call++) {
      const leaving = new AbortController()
      const outcome = errorOf(attach(leaving.signal))
      leaving.abort()
      expect(await outcome).toMatchObject({ code: 'cancelled' })
    }
    expect(observer.events).not.toContain('circuit opened')
  })

  it('closes by itself when a probe succeeds', async () => {
    await openCircuit()
    vi.advanceTimersByTime(PROBE_AFTER_MS)
    await expect(attach()).resolves.toMatchObject({ status: 'success' })
    expect(observer.events.slice(-2)).toEqual(['request: success', 'circuit closed'])
    await expect(attach()).resolves.toMatchObject({ status: 'success' })
  })

  it('closes when the probe is answered, even badly', async () => {
    await openCircuit()
    vi.advanceTimersByTime(PROBE_AFTER_MS)
    await failInARow(HOSTILE['an internal error'], 1)
    expect(observer.events.at(-1)).toBe('circuit closed')
  })

  it('opens again when the probe fails', async () => {
    await openCircuit()
    vi.advanceTimersByTime(PROBE_AFTER_MS)
    await failInARow(HOSTILE['a reset connection'], 1)
    expect(await outcomeOf(attach)).toMatchObject(REFUSED)
  })

  it('opens again when the caller of the probe leaves', async () => {
    await openCircuit()
    vi.advanceTimersByTime(PROBE_AFTER_MS)
    fake.behave(SLOW.silence)
    const leaving = new AbortController()
    const sentBefore = fake.requests.length
    const outcome = errorOf(attach(leaving.signal))
    await expect.poll(() => fake.requests.length).toBe(sentBefore + 1)
    leaving.abort()
    expect(await outcome).toMatchObject({ code: 'cancelled' })
    expect(await outcomeOf(attach)).toMatchObject(REFUSED)
  })

  it('lets one call probe, and refuses the others meanwhile', async () => {
    await openCircuit()
    vi.advanceTimersByTime(PROBE_AFTER_MS)
    const sentBefore = fake.requests.length
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => attach()))
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(fake.requests).toHaveLength(sentBefore + 1)
  })

  it('does not keep a check from finding out that the selector is back', async () => {
    await openCircuit()
    await expect(selector.check(NEVER)).resolves.toMatchObject({ tools: 12 })
  })
})
