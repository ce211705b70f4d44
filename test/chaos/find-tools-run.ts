import { formatCount, formatDuration, formatMemory } from '../bench/format.ts'
import type { Paint } from '../bench/paint.ts'
import { percentile } from '../bench/samples.ts'
import { type Column, renderTable } from '../bench/table.ts'
import type { ChaosPlan } from './open-loop.ts'
import type { PromiseRun } from './pool/promise-run.ts'
import { type ChaosPromise, none } from './promises.ts'
import { type ChaosOutcome, faultsOf, runChaos } from './run-chaos.ts'
import { describeFault } from './schedule.ts'
import { longestWayBack } from './way-back.ts'

const MOST_ONE_SHOTS = 4
const WAY_BACK_MS = 1_000
const LINE_CHARACTERS = 116
const SHOWN_FAILURES = 5
// An outage every one to three seconds: less than this may see none.
const SHORTEST_MS = 10_000

/** Promise P4: find_tools does not fail while its worker is killed, hung or restarted. So many calls, so many a second. */
export function createFindToolsRun(full: Omit<ChaosPlan, 'seed'>, paint: Paint): PromiseRun {
  const planOf = ({ seed, scale }: { seed: number; scale: number }): ChaosPlan => {
    const { callsPerSecond } = full
    const fewest = Math.min(full.calls, (SHORTEST_MS / 1_000) * callsPerSecond)
    return { calls: Math.max(fewest, Math.round(full.calls * scale)), callsPerSecond, seed }
  }
  return {
    id: 'P4',
    title: 'find_tools does not fail while its worker is killed and stopped',
    schedule: (plan) => describePlan(planOf(plan)),
    run: async ({ say, note, searchPath, ...rest }, signal) => {
      const plan = planOf(rest)
      const onProgress = ({ sent, open }: { sent: number; open: number }) =>
        say(`${formatCount(sent)} of ${formatCount(plan.calls)} calls made, ${formatCount(open)} open`)
      const outcome = await runChaos({ plan, searchPath, onProgress }, signal)
      describeOutcome(outcome, paint).forEach(note)
      return promisesOf(outcome)
    },
  }
}

/** What is promised, with what was measured. */
export function promisesOf({ ledger, waysBack, mostOneShots, leftBehind }: ChaosOutcome): ChaosPromise[] {
  return [
    none('failed calls', ledger.failures.length),
    none('answered twice', ledger.answeredTwice),
    none('answered with a wrong id', ledger.wrongId),
    { what: 'one-shots alive at once', unit: 'count', must: MOST_ONE_SHOTS, measured: mostOneShots },
    { what: 'longest way back to the worker', unit: 'ms', must: WAY_BACK_MS, measured: longestWayBack(waysBack) },
    none('processes left behind', leftBehind),
  ]
}

function describePlan(plan: ChaosPlan): string[] {
  const faults = faultsOf(plan)
  const kills = faults.filter(({ fault }) => fault.name === 'kill').length
  return [
    `${formatCount(plan.calls)} calls of find_tools, ${plan.callsPerSecond} a second, seed ${plan.seed}`,
    `${kills} kills and ${faults.length - kills} stops of the worker, in seconds from the first call:`,
    ...wrap(faults.map(describeFault)),
  ]
}

function describeOutcome({ ledger, waysBack, frontMemory, workerStarts }: ChaosOutcome, paint: Paint): string[] {
  const columns: Column[] = [
    { title: '', align: 'left' },
    ...['count', 'p50', 'p99', 'slowest'].map((title) => ({ title, align: 'right' }) as const),
  ]
  const rows = [
    timesRow('answered by the worker', ledger.times.worker),
    timesRow('answered by a one-shot', ledger.times['one-shot']),
    timesRow('ways back to the worker', waysBack.times),
  ]
  const { before, after } = frontMemory
  return [
    ...renderTable(columns, rows, paint),
    '',
    ` worker started ${formatCount(workerStarts)} times   front ${formatMemory(before)} before, ${formatMemory(after)} after`,
    ...ledger.failures.slice(0, SHOWN_FAILURES).map((failure) => ` ${paint('bad', failure)}`),
  ]
}

function timesRow(title: string, times: readonly number[]): string[] {
  const figures = [0.5, 0.99, 1].map((fraction) => formatDuration(percentile(times, fraction)))
  return [title, formatCount(times.length), ...figures]
}

function wrap(words: readonly string[]): string[] {
  const lines: string[] = []
  for (const word of words) {
    const longer = `${lines.at(-1) ?? ''} · ${word}`
    if (lines.length > 0 && longer.length <= LINE_CHARACTERS) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}
