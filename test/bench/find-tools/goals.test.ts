import { describe, expect, it } from 'vitest'
import { judge } from '../goal.ts'
import { goalsOf } from './goals.ts'
import type { Throughput } from './measure-throughput.ts'
import type { Loads, Results } from './results.ts'

const load = (callsPerSecond: number, errors = 0): Throughput[] => [{ callsPerSecond, cpuMs: 0.1, errors }]
const loads: Loads = {
  direct: { 1: load(10_000), 10: load(20_000), 100: load(20_000), 1_000: load(20_000) },
  proxy: { 1: load(6_000), 10: load(9_000), 100: load(8_000), 1_000: load(8_000) },
  worker: { 1: load(4_000), 10: load(6_000), 100: load(6_000), 1_000: load(5_000, 2) },
  'worker-fresh': { 1: load(1_000), 10: load(2_000), 100: load(2_000), 1_000: load(2_000) },
}
const results: Results = {
  titles: {},
  latencies: {
    direct: [[0.05], [0.05]],
    proxy: [[0.1], [0.1]],
    worker: [[0.2], [0.25]],
    front: [[0.4], [0.4]],
    'one-shot': [[30], [30]],
    'one-shot-embedded': [[36], [40]],
    'one-shot-source': [[200], [200]],
    'empty-node': [[20], [20]],
  },
  loads,
  memory: { idle: undefined, after: undefined },
}

describe('the goals of the find_tools benchmark', () => {
  it('are ratios of medians in one run', () => {
    expect(goalsOf(results).map(({ id, measured }) => [id, measured])).toEqual([
      ['G1', 4],
      ['G1', 0.3],
      ['G1', 2],
      ['G2', 500],
      ['G2', 75],
      ['G10', 1.8],
    ])
  })

  it('stand beside what a program that only passes requests on takes', () => {
    expect(goalsOf(results).flatMap(({ peer }) => (peer === undefined ? [] : [peer.measured]))).toEqual([2, 0.4])
  })

  it('carry the spread over the rounds', () => {
    expect(goalsOf(results)[0]?.spread).toEqual({ lowest: 4, highest: 5 })
  })

  it('are missed where anything failed', () => {
    expect(goalsOf(results).map((goal) => judge(goal))).toEqual(['aim met', 'ok', 'missed', 'aim met', 'ok', 'ok'])
  })

  it('are missed where nothing was measured', () => {
    const verdicts = goalsOf({ ...results, latencies: {} }).map((goal) => judge(goal))
    expect(verdicts.filter((verdict) => verdict === 'missed')).toHaveLength(5)
  })
})
