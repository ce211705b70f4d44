import type { MeasuredGoal } from '../goal.ts'
import { ratioOfMedians, summarize } from '../samples.ts'
import type { Path } from './contestant.ts'
import type { Latencies } from './measure-latency.ts'
import { combineLoads, type Results } from './results.ts'

// No peer, but the least that a program in Node can take there.
const BARE_PROXY = 'bare node:http proxy'

/** The goals that this benchmark shows, with what was measured. */
export function goalsOf({ latencies, loads }: Results): MeasuredGoal[] {
  const ratio = (over: Path, under: Path) => ratioOf(latencies, over, under)
  const leanest = leanestOneShot(latencies)
  const rateAt100 = (path: keyof Results['loads']) => combineLoads(loads[path][100]).callsPerSecond
  return [
    {
      id: 'G1',
      what: 'worker, to direct',
      unit: 'ratio',
      bound: 'at most',
      must: 5.5,
      aim: 4,
      ...ratio('worker', 'direct'),
      peer: { title: BARE_PROXY, measured: ratio('proxy', 'direct').measured },
    },
    {
      id: 'G1',
      what: 'calls/s at 100, of direct',
      unit: 'ratio',
      bound: 'at least',
      must: 0.25,
      measured: rateAt100('worker') / rateAt100('direct'),
      peer: { title: BARE_PROXY, measured: rateAt100('proxy') / rateAt100('direct') },
    },
    {
      id: 'G1',
      what: 'errors at 1,000',
      unit: 'count',
      bound: 'at most',
      must: 0,
      measured: combineLoads(loads.worker[1_000]).errors,
    },
    {
      id: 'G2',
      what: 'unbundled script, to the warm path',
      unit: 'ratio',
      bound: 'at least',
      must: 150,
      aim: 400,
      ...ratio('one-shot-source', 'front'),
    },
    {
      id: 'G2',
      what: 'leanest one-shot, to the warm path',
      unit: 'ratio',
      bound: 'at least',
      must: 50,
      ...ratio(leanest, 'front'),
    },
    {
      id: 'G10',
      what: 'one-shot, embedded, to node -e 0',
      unit: 'ratio',
      bound: 'at most',
      must: 1.8,
      aim: 1.5,
      ...ratio('one-shot-embedded', 'empty-node'),
      ...(latencies.python && {
        peer: { title: 'Python with requests', measured: ratio('python', 'empty-node').measured },
      }),
    },
  ]
}

function ratioOf(latencies: Latencies, over: Path, under: Path) {
  const { ratio, lowest, highest } = ratioOfMedians(latencies[over] ?? [], latencies[under] ?? [])
  return { measured: ratio, spread: { lowest, highest } }
}

function leanestOneShot(latencies: Latencies): Path {
  const median = (path: Path) => summarize(latencies[path] ?? []).p50
  return median('one-shot') < median('one-shot-embedded') ? 'one-shot' : 'one-shot-embedded'
}
