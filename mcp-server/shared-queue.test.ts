import { describe, expect, it } from 'vitest'
import { SharedQueue } from './shared-queue.ts'

interface Run {
  key: string
  signal: AbortSignal
  answer(value: string): void
  fail(error: Error): void
  end(): void
}

/** A queue whose runs are ended by hand, in the order they were started. */
function manualQueue(maxRunning = 2) {
  const runs: Run[] = []
  const queue = new SharedQueue<string>({
    maxRunning,
    start: (key, signal) => {
      const answer = Promise.withResolvers<string>()
      const ended = Promise.withResolvers<void>()
      runs.push({ key, signal, answer: answer.resolve, fail: answer.reject, end: ended.resolve })
      return { answer: answer.promise, ended: ended.promise }
    },
  })
  return { queue, runs, keys: () => runs.map(({ key }) => key) }
}

const never = new AbortController().signal
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('SharedQueue', () => {
  it('starts a call at once while there is room', async () => {
    const { queue, runs } = manualQueue()
    const call = queue.run('a', never, never)
    runs[0]?.answer('A')
    await expect(call).resolves.toEqual({ kind: 'done', value: 'A' })
  })

  it('runs no more than allowed, and the next in the order they came', async () => {
    const { queue, runs, keys } = manualQueue()
    for (const key of ['a', 'b', 'c', 'd']) void queue.run(key, never, never)
    expect(keys()).toEqual(['a', 'b'])
    runs[1]?.answer('B')
    runs[1]?.end()
    await settled()
    expect(keys()).toEqual(['a', 'b', 'c'])
  })

  it('gives a place away when the run has ended, not when it has answered', async () => {
    const { queue, runs, keys } = manualQueue(1)
    const call = queue.run('a', never, never)
    void queue.run('b', never, never)
    runs[0]?.answer('A')
    await call
    await settled()
    expect(keys()).toEqual(['a'])
    runs[0]?.end()
    await settled()
    expect(keys()).toEqual(['a', 'b'])
  })

  it('lets identical calls share one run, its failure too', async () => {
    const { queue, runs, keys } = manualQueue()
    const calls = [queue.run('a', never, never), queue.run('a', never, never)]
    expect(keys()).toEqual(['a'])
    const failure = new Error('broken')
    runs[0]?.fail(failure)
    expect(await Promise.allSettled(calls)).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ])
  })

  it('starts an identical call anew once the first has its answer', async () => {
    const { queue, runs, keys } = manualQueue()
    const first = queue.run('a', never, never)
    runs[0]?.answer('A')
    await first
    void queue.run('a', never, never)
    expect(keys()).toEqual(['a', 'a'])
  })

  it('fails a call with overloaded that has not started at its deadline', async () => {
    const { queue, runs, keys } = manualQueue(1)
    const deadline = new AbortController()
    void queue.run('a', never, never)
    const call = queue.run('b', deadline.signal, never)
    deadline.abort()
    await expect(call).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 })
    runs[0]?.end()
    runs[0]?.answer('A')
    await settled()
    expect(keys()).toEqual(['a'])
  })

  it('leaves a call that has started alone at its deadline', async () => {
    const { queue, runs } = manualQueue(1)
    const deadline = new AbortController()
    const call = queue.run('a', deadline.signal, never)
    deadline.abort()
    runs[0]?.answer('A')
    await expect(call).resolves.toEqual({ kind: 'done', value: 'A' })
  })

  it('starts a call whose deadline has passed if there is room, and refuses it if there is none', async () => {
    const { queue, runs } = manualQueue(1)
    const started = queue.run('a', AbortSignal.abort(), never)
    await expect(queue.run('b', AbortSignal.abort(), never)).rejects.toMatchObject({ code: 'overloaded' })
    runs[0]?.answer('A')
    await expect(started).resolves.toEqual({ kind: 'done', value: 'A' })
  })

  it('keeps a shared run for those who stay when one leaves', async () => {
    const { queue, runs } = manualQueue()
    const leaver = new AbortController()
    const [left, stayed] = [queue.run('a', never, leaver.signal), queue.run('a', never, never)]
    leaver.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    expect(runs[0]?.signal.aborted).toBe(false)
    runs[0]?.answer('A')
    await expect(stayed).resolves.toEqual({ kind: 'done', value: 'A' })
  })

  it('stops a run when the last who waited for it has left', async () => {
    const { queue, runs } = manualQueue()
    const leavers = [new AbortController(), new AbortController()]
    const calls = leavers.map(({ signal }) => queue.run('a', never, signal))
    for (const leaver of leavers) leaver.abort(new Error('gone'))
    await Promise.allSettled(calls)
    expect(runs[0]?.signal.aborted).toBe(true)
  })

  it('forgets a call in line when the last who waited for it has left', async () => {
    const { queue, runs, keys } = manualQueue(1)
    const leaver = new AbortController()
    const calls = [queue.run('a', never, never), queue.run('b', never, leaver.signal), queue.run('c', never, never)]
    leaver.abort(new Error('gone'))
    await expect(calls[1]).rejects.toThrow('gone')
    runs[0]?.answer('A')
    runs[0]?.end()
    await settled()
    expect(keys()).toEqual(['a', 'c'])
  })

  it('starts nothing for a caller who has left already', async () => {
    const { queue, keys } = manualQueue()
    await expect(queue.run('a', never, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    expect(keys()).toEqual([])
  })

  it('hands back what has not started, and only that', async () => {
    const { queue, runs } = manualQueue(1)
    const calls = [queue.run('a', never, never), queue.run('b', never, never), queue.run('b', never, never)]
    queue.recall()
    await expect(calls[1]).resolves.toEqual({ kind: 'recalled' })
    await expect(calls[2]).resolves.toEqual({ kind: 'recalled' })
    runs[0]?.answer('A')
    await expect(calls[0]).resolves.toEqual({ kind: 'done', value: 'A' })
  })

  it('stops what runs and fails what waits when it is disposed, and waits for the end', async () => {
    const { queue, runs } = manualQueue(1)
    const calls = [queue.run('a', never, never), queue.run('b', never, never)].map((call) =>
      call.catch((thrown: { code: string }) => thrown.code),
    )
    let over = false
    const disposed = queue[Symbol.asyncDispose]().then(() => {
      over = true
      return over
    })
    await expect(calls[1]).resolves.toBe('shutting_down')
    expect(runs[0]?.signal.aborted).toBe(true)
    runs[0]?.fail(runs[0].signal.reason as Error)
    await expect(calls[0]).resolves.toBe('shutting_down')
    expect(over).toBe(false)
    runs[0]?.end()
    await disposed
    expect(runs).toHaveLength(1)
  })
})
