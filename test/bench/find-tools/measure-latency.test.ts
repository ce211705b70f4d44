import { describe, expect, it } from 'vitest'
import type { Contestant, Path } from './contestant.ts'
import { measureLatency } from './measure-latency.ts'

const PLAN = { rounds: 3, roundsMs: 1_000, calls: 2, processCalls: 1, warmUpCalls: 4, warmUpMs: 100 }

function stage() {
  let time = 0
  const calls: Path[] = []
  const contestant = (path: Path, takesMs: number): Contestant => ({
    path,
    title: path,
    process: path === 'one-shot',
    call: () => {
      calls.push(path)
      time += takesMs
      return Promise.resolve()
    },
  })
  return { calls, contestants: [contestant('direct', 1), contestant('one-shot', 50)], now: () => time }
}

describe('the latency of contestants', () => {
  it('is kept per round, without the warm-up', async () => {
    const { contestants, now } = stage()
    const options = { plan: PLAN, now, onRound: () => {} }
    expect(await measureLatency(contestants, options, new AbortController().signal)).toEqual({
      direct: [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
      'one-shot': [[50], [50], [50]],
    })
  })

  it('is measured in rounds, in each of which another one begins', async () => {
    const { contestants, calls, now } = stage()
    const starts: number[] = []
    const onRound = () => starts.push(calls.length)
    await measureLatency(contestants, { plan: PLAN, now, onRound }, new AbortController().signal)
    expect(starts.map((start) => calls[start])).toEqual(['direct', 'one-shot', 'direct'])
  })

  it('is measured in fewer rounds where they take long', async () => {
    const { contestants, now } = stage()
    const plan = { ...PLAN, roundsMs: 60 }
    const { direct } = await measureLatency(contestants, { plan, now, onRound: () => {} }, new AbortController().signal)
    expect(direct).toHaveLength(2)
  })

  it('ends a warm-up that takes too long', async () => {
    const { contestants, calls, now } = stage()
    const plan = { ...PLAN, rounds: 0, warmUpMs: 2 }
    await measureLatency(contestants, { plan, now, onRound: () => {} }, new AbortController().signal)
    expect(calls).toEqual(['direct', 'direct', 'one-shot'])
  })

  it('stops when it is told to', async () => {
    const { contestants, now } = stage()
    const stop = new AbortController()
    const options = { plan: PLAN, now, onRound: () => stop.abort(new Error('enough')) }
    await expect(measureLatency(contestants, options, stop.signal)).rejects.toThrow('enough')
  })
})
