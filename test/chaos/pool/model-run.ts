import { setImmediate as nextTurn } from 'node:timers/promises'
import { formatCount } from '../../bench/format.ts'
import { runRoutingModel } from '../../support/routing-runs.ts'
import type { PromiseRun, RunPlan } from './promise-run.ts'

const RUNS = 100_000
const MAX_STEPS = 500
const RUNS_AT_ONCE = 1_000

/** The router under its model, with random interleavings of clients, answers, cancels, crashes and hostile replies. */
export const modelRun: PromiseRun = {
  id: 'P2',
  title: 'each request gets exactly one outcome',
  schedule: (plan) => [
    `${formatCount(runsOf(plan))} random runs of the router's model: up to four clients that use the same ids, a server that answers,`,
    'asks, repeats itself, forges, crashes; requests are cancelled, expire and are left behind.',
  ],
  async run(plan, signal) {
    const runs = runsOf(plan)
    let requests = 0
    let violations = 0
    for (let made = 0; made < runs; made += RUNS_AT_ONCE) {
      const some = runRoutingModel({
        runs: Math.min(RUNS_AT_ONCE, runs - made),
        seed: plan.seed + made,
        maxSteps: MAX_STEPS,
      })
      requests += some.requests
      if (some.violation !== undefined) {
        violations++
        plan.note(some.violation)
      }
      plan.say(`${formatCount(made)} of ${formatCount(runs)} runs`)
      await nextTurn(undefined, { signal })
    }
    plan.note(` ${formatCount(requests)} simulated calls`)
    return [{ what: `violations in ${formatCount(runs)} runs`, unit: 'count', must: 0, measured: violations }]
  },
}

function runsOf({ scale }: RunPlan): number {
  return Math.ceil(RUNS * scale)
}
