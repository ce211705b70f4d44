import { setImmediate as nextTurn } from 'node:timers/promises'
import { formatCount } from '../../bench/format.ts'
import { runRoutingModel } from '../../support/routing-runs.ts'
import { none } from '../promises.ts'
import { type PromiseRun, sizeOf } from './promise-run.ts'

const RUNS = 100_000
const CALLS = 10_000_000
const MAX_STEPS = 500
const RUNS_AT_ONCE = 1_000

/** The router under its model, with random interleavings of clients, answers, cancels, crashes and hostile replies. */
export const modelRun: PromiseRun = {
  id: 'P2',
  title: 'each request gets exactly one outcome',
  schedule: (plan) => [
    `${formatCount(sizeOf(RUNS, plan))} random runs of the router's model or more, until clients have made ${formatCount(sizeOf(CALLS, plan))} calls, seed ${plan.seed} and up:`,
    'up to four clients that use the same ids, a server that answers, asks, repeats itself, forges, crashes;',
    'requests are cancelled, expire and are left behind.',
  ],
  async run(plan, signal) {
    const [runs, calls] = [sizeOf(RUNS, plan), sizeOf(CALLS, plan)]
    const books = { runs: 0, calls: 0, violations: 0 }
    while (books.runs < runs || books.calls < calls) {
      const { requests, violation } = runRoutingModel({
        runs: Math.min(RUNS_AT_ONCE, runs),
        seed: plan.seed + books.runs,
        maxSteps: MAX_STEPS,
      })
      books.runs += Math.min(RUNS_AT_ONCE, runs)
      books.calls += requests
      if (violation !== undefined) {
        books.violations++
        plan.note(violation)
      }
      plan.say(`${formatCount(books.runs)} runs, ${formatCount(books.calls)} of ${formatCount(calls)} calls`)
      await nextTurn(undefined, { signal })
    }
    plan.note(` ${formatCount(books.runs)} runs, ${formatCount(books.calls)} simulated calls`)
    return [none('violations', books.violations)]
  },
}
