import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OneShotFallback, type OneShotFallbackOptions } from './one-shot-fallback.ts'

const PROGRAM = join(import.meta.dirname, '../test/fixtures/one-shot.cjs')
const never = new AbortController().signal
const input = (query: string, more = {}) => JSON.stringify({ query, ...more })

async function detailsOf(answer: ReturnType<OneShotFallback['ask']>): Promise<Record<string, unknown>> {
  const outcome = await answer
  if (outcome.kind !== 'done') throw new Error('The call was handed back.')
  return (JSON.parse(outcome.value) as { details: Record<string, unknown> }).details
}

function allGone(pids: number[]): Promise<void> {
  return vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]))
}

describe('OneShotFallback', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'one-shot-'))
    file = join(folder, 'pids')
  })
  afterEach(() => {
    vi.useRealTimers()
    rmSync(folder, { recursive: true })
  })

  const logged: string[] = []
  const create = (options: Partial<OneShotFallbackOptions> = {}) => {
    logged.length = 0
    const log = { line: (text: string) => logged.push(text), sparse: (_: string, text: string) => logged.push(text) }
    return new OneShotFallback({
      programPath: PROGRAM,
      session: () => 'session-1',
      variables: process.env,
      processTimeoutMs: 60_000,
      log,
      ...options,
    })
  }
  const pids = (count: number) =>
    vi.waitFor(() => {
      const found = readFileSync(file, 'utf8').trim().split('\n').map(Number)
      expect(found).toHaveLength(count)
      return found
    })

  it('asks a process with one line of JSON and gives back its line', async () => {
    await using fallback = create()
    const details = await detailsOf(fallback.ask('{"query":"answer","limit":5,"keep_tools":["a\\nb"]}', never, never))
    expect(details).toMatchObject({
      lines: 1,
      input: { query: 'answer', limit: 5, keep_tools: ['a\nb'] },
      session: 'session-1',
    })
  })

  it('gives back the answer of a one-shot that exits with an error', async () => {
    await using fallback = create()
    const outcome = await fallback.ask(input('invalid'), never, never)
    expect(outcome).toMatchObject({ kind: 'done', value: expect.stringMatching(/^\{"detail":\[.*\]\}$/) })
  })

  it('takes a last line without its newline', async () => {
    await using fallback = create()
    expect(await detailsOf(fallback.ask(input('unfinished'), never, never))).toMatchObject({ session: 'session-1' })
  })

  it('has four alive and never more', async () => {
    await using fallback = create()
    const leaving = new AbortController()
    const hanging = [1, 2, 3, 4].map((n) => fallback.ask(input(`hang ${file}`, { n }), never, leaving.signal))
    const left = Promise.allSettled(hanging)
    const calls = Array.from({ length: 8 }, (_, n) => fallback.ask(input('after 60', { n }), never, never))
    await pids(4)
    expect(countChildren()).toBe(4)
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, countChildren())
    }, 5)
    leaving.abort()
    const answered = await Promise.all(calls.map(detailsOf))
    clearInterval(watch)
    await left
    expect(new Set(answered.map(({ pid }) => pid)).size).toBe(8)
    expect(most).toBeLessThanOrEqual(4)
  })

  it('lets identical calls share one process', async () => {
    await using fallback = create()
    const calls = Array.from({ length: 20 }, () => fallback.ask(input('after 30'), never, never))
    const answered = await Promise.all(calls.map(detailsOf))
    expect(new Set(answered.map(({ pid }) => pid)).size).toBe(1)
  })

  it('fails a call with overloaded that found no place until its deadline', async () => {
    await using fallback = create()
    for (let n = 0; n < 4; n++) fallback.ask(input('hang', { n }), never, never).catch(() => {})
    await expect(fallback.ask(input('answer'), AbortSignal.timeout(50), never)).rejects.toMatchObject({
      code: 'overloaded',
    })
  })

  it('hands back the calls that have not started when the worker is back', async () => {
    await using fallback = create()
    const calls = Array.from({ length: 6 }, (_, n) => fallback.ask(input('after 50', { n }), never, never))
    fallback.recall()
    const outcomes = await Promise.all(calls)
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'done', 'recalled', 'recalled'])
  })

  it('ends a process that is too slow, with everything in its group', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using fallback = create({ processTimeoutMs: 600_000 })
    const outcome = Promise.allSettled([fallback.ask(input(`with-child ${file}`), never, never)])
    const found = await pids(2)
    vi.advanceTimersByTime(600_000)
    expect(await outcome).toMatchObject([{ reason: { code: 'timeout' } }])
    await allGone(found)
  })

  it('kills a process that does not end when it is asked to', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using fallback = create({ processTimeoutMs: 600_000 })
    const outcome = Promise.allSettled([fallback.ask(input(`stubborn ${file}`), never, never)])
    const found = await pids(1)
    vi.advanceTimersByTime(600_000)
    expect(await outcome).toMatchObject([{ reason: { code: 'timeout' } }])
    await allGone(found)
  })

  it('ends the process when nobody waits for it any more', async () => {
    await using fallback = create()
    const controller = new AbortController()
    const call = fallback.ask(input(`hang ${file}`), never, controller.signal)
    const found = await pids(1)
    controller.abort(new Error('cancelled by the client'))
    await expect(call).rejects.toThrow('cancelled by the client')
    await allGone(found)
  })

  it('leaves no process behind when it is disposed', async () => {
    const fallback = create()
    const calls = ['hang', 'stubborn'].map((kind) => fallback.ask(input(`${kind} ${file}`), never, never))
    const queued = Array.from({ length: 4 }, (_, n) => fallback.ask(input('hang', { n }), never, never))
    const outcomes = Promise.allSettled([...calls, ...queued])
    const found = await pids(2)
    await fallback[Symbol.asyncDispose]()
    expect(found.filter(isAlive)).toEqual([])
    expect((await outcomes).map((outcome) => outcome.status)).toEqual(Array(6).fill('rejected'))
  })

  it('does not wait for a descendant that holds the pipes open, nor leave it behind', async () => {
    await using fallback = create()
    expect(await detailsOf(fallback.ask(input(`with-orphan ${file}`), never, never))).toHaveProperty('pid')
    await allGone(await pids(2))
  })

  it('ends a process that answers and does not exit', async () => {
    await using fallback = create()
    expect(await detailsOf(fallback.ask(input(`lingers ${file}`), never, never))).toHaveProperty('pid')
    await allGone(await pids(1))
  })

  it('fails with server_unavailable when a process ends without an answer, and logs what it said last', async () => {
    await using fallback = create()
    await expect(fallback.ask(input('crash'), never, never)).rejects.toMatchObject({
      code: 'server_unavailable',
      message: 'The one-shot ended without an answer (exit code 3).',
    })
    expect(logged).toEqual([expect.stringContaining('Error: no such configuration')])
    await expect(fallback.ask(input('silent'), never, never)).rejects.toThrow('exit code 0')
  })

  it('fails with too_large when a process never stops talking', async () => {
    await using fallback = create()
    await expect(fallback.ask(input('flood'), never, never)).rejects.toMatchObject({ code: 'too_large' })
  })

  it('fails with server_unavailable when no process can be started, then and later', async () => {
    const { spawn: realSpawn } = process.getBuiltinModule('node:child_process')
    const spawnMissing = ((_: string, args: string[], options: object) =>
      realSpawn('/nowhere/node', args, options)) as typeof realSpawn
    for (const spawn of [spawnMissing, spawnThrowing]) {
      await using fallback = create({ spawn })
      for (let n = 0; n < 6; n++) {
        await expect(fallback.ask(input('answer'), never, never)).rejects.toMatchObject({
          code: 'server_unavailable',
          message: 'The one-shot could not be started.',
        })
      }
    }
  })
})

function spawnThrowing(): never {
  throw new Error('E2BIG')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

function countChildren(): number {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ')
  return children.filter((pid) => pid !== '' && isFixture(pid)).length
}

function isFixture(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('fixtures/one-shot.cjs')
  } catch {
    return false
  }
}
