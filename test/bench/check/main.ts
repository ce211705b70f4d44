import type { Plan } from '../find-tools/plan.ts'
import { renderReport } from '../find-tools/report.ts'
import type { Results } from '../find-tools/results.ts'
import { combineLoads } from '../find-tools/results.ts'
import { runBench } from '../find-tools/run-bench.ts'
import { toJson } from '../find-tools/to-json.ts'
import type { MeasuredGoal } from '../goal.ts'
import { ratioOfMedians } from '../samples.ts'
import { runSection } from '../section.ts'

/** Some ten seconds: enough for what differs by so much that no noise can hide it. */
const PLAN: Plan = {
  latency: { rounds: 3, roundsMs: 60_000, calls: 100, processCalls: 3, warmUpCalls: 1_000, warmUpMs: 5_000 },
  load: { rounds: 1, roundsOfMost: 1, durationMs: 300 },
}

await runSection<Results>({
  id: 'check',
  title: 'What must hold on any machine, however busy',
  help: `Measures find_tools for some ten seconds and fails where what Pilotlight is for does not hold by far: a warm call beside a
process for each, and a thousand calls at once. Bounds are so wide that a busy machine does not reach them.

  npm run bench:check
`,
  isCheck: true,
  measure: ({ say }, signal) => runBench({ plan: PLAN, searchPath: process.env.PATH ?? '', say }, signal),
  render: renderReport,
  goalsOf,
  toJson,
})

function goalsOf({ latencies, loads }: Results): MeasuredGoal[] {
  const timesSlower = (path: 'one-shot' | 'one-shot-source', must: number): MeasuredGoal => {
    const { ratio, ...spread } = ratioOfMedians(latencies[path] ?? [], latencies.front ?? [])
    const what = `${path === 'one-shot' ? 'a bundled' : 'an unbundled'} process per call, to the warm path`
    return { id: 'check', what, unit: 'ratio', bound: 'at least', must, measured: ratio, spread }
  }
  const { errors } = combineLoads(loads.worker[1_000])
  return [
    timesSlower('one-shot-source', 20),
    timesSlower('one-shot', 8),
    { id: 'check', what: 'errors of 1,000 calls at once', unit: 'count', bound: 'at most', must: 0, measured: errors },
  ]
}
