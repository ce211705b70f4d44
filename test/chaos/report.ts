import { formatCount, formatDuration, formatMemory } from '../bench/format.ts'
import type { Paint } from '../bench/paint.ts'
import { percentile } from '../bench/samples.ts'
import { type Column, renderTable } from '../bench/table.ts'
import type { ChaosPlan } from './open-loop.ts'
import { type ChaosPromise, isKept, promisesOf } from './promises.ts'
import type { ChaosOutcome } from './run-chaos.ts'
import { describeFault, type ScheduledFault } from './schedule.ts'

const LINE_CHARACTERS = 116
const SHOWN_FAILURES = 5

/** What will be done, on a few lines, before it is done. */
export function renderPlan(plan: ChaosPlan, faults: readonly ScheduledFault[], paint: Paint): string {
  const kills = faults.filter(({ fault }) => fault.name === 'kill').length
  const title = `${formatCount(plan.calls)} calls of find_tools, ${plan.callsPerSecond} a second, seed ${plan.seed}`
  const schedule = `${kills} kills and ${faults.length - kills} stops of the worker, in seconds from the first call:`
  return [
    '',
    ` ${paint('title', title)}`,
    ` ${schedule}`,
    ...wrap(faults.map(describeFault)).map((line) => ` ${paint('quiet', line)}`),
    '',
  ].join('\n')
}

/** What came of it: who answered, and each promise. */
export function renderOutcome(outcome: ChaosOutcome, paint: Paint): string {
  const { ledger, frontMemory, workerStarts } = outcome
  const { before, after } = frontMemory
  return [
    ...renderSources(outcome, paint),
    '',
    ` worker started ${formatCount(workerStarts)} times   front ${formatMemory(before)} before, ${formatMemory(after)} after`,
    '',
    ...renderPromises(promisesOf(outcome), paint),
    ...ledger.failures.slice(0, SHOWN_FAILURES).map((failure) => ` ${paint('bad', failure)}`),
    '',
  ].join('\n')
}

function renderSources({ ledger, waysBack }: ChaosOutcome, paint: Paint): string[] {
  const columns: Column[] = [
    { title: '', align: 'left' },
    ...['count', 'p50', 'p99', 'slowest'].map((title) => ({ title, align: 'right' }) as const),
  ]
  const rows = [
    timesRow('answered by the worker', ledger.times.worker),
    timesRow('answered by a one-shot', ledger.times['one-shot']),
    timesRow('ways back to the worker', waysBack.times),
  ]
  return renderTable(columns, rows, paint)
}

function timesRow(title: string, times: readonly number[]): string[] {
  const figures = [0.5, 0.99, 1].map((fraction) => formatDuration(percentile(times, fraction)))
  return [title, formatCount(times.length), ...figures]
}

function renderPromises(promises: readonly ChaosPromise[], paint: Paint): string[] {
  const columns: Column[] = [
    { title: 'promise', align: 'left' },
    { title: 'must', align: 'right' },
    { title: 'measured', align: 'right' },
    { title: '', align: 'left' },
  ]
  const rows = promises.map((promise) => {
    const figure = promise.unit === 'ms' ? formatDuration : formatCount
    const tone = isKept(promise) ? 'good' : 'bad'
    const verdict = paint(tone, isKept(promise) ? 'kept' : 'broken')
    return [promise.what, `≤ ${figure(promise.must)}`, paint(tone, figure(promise.measured)), verdict]
  })
  return renderTable(columns, rows, paint)
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
