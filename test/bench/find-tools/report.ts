import { formatCount, formatDuration, formatMemory, formatRatio } from '../format.ts'
import { judge, type Verdict } from '../goal.ts'
import type { Paint, Tone } from '../paint.ts'
import { ratioOfMedians, summarize } from '../samples.ts'
import { type Column, renderTable } from '../table.ts'
import type { Path } from './contestant.ts'
import { goalsOf, type MeasuredGoal } from './goals.ts'
import { CONCURRENCIES, combineLoads, type Results } from './results.ts'

const BAR_CELLS = 24
const SHORTEST_BAR_MS = 0.01
const TONE_BY_VERDICT: Record<Verdict, Tone> = { 'aim met': 'good', ok: 'good', missed: 'bad' }

/** The results as they are printed: times, calls per second, memory, goals. */
export function renderReport(results: Results, paint: Paint): string {
  const sections = [
    renderLatencies(results, paint),
    renderLoads(results, paint),
    [` memory of the worker   ${formatMemory(results.memory.idle)} idle, ${formatMemory(results.memory.after)} after`],
    renderGoals(goalsOf(results), paint),
  ]
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function renderLatencies({ latencies, titles }: Results, paint: Paint): string[] {
  const columns: Column[] = [
    { title: 'one call after another', align: 'left' },
    { title: 'p50', align: 'right' },
    { title: 'p90', align: 'right' },
    { title: 'p99', align: 'right' },
    { title: 'to direct', align: 'right' },
    { title: 'calls', align: 'right' },
    { title: "rounds' p50", align: 'left' },
    ...(paint.rich ? [{ title: 'p50, log scale', align: 'left' } as const] : []),
  ]
  const slowest = Math.max(...Object.values(latencies).map((rounds) => summarize(rounds).p50))
  const rows = Object.entries(latencies).map(([path, rounds]) => {
    const { p50, p90, p99, calls, lowestRoundP50, highestRoundP50 } = summarize(rounds)
    return [
      titles[path as Path] ?? path,
      formatDuration(p50),
      formatDuration(p90),
      formatDuration(p99),
      formatRatio(ratioOfMedians(rounds, latencies.direct ?? []).ratio),
      formatCount(calls),
      paint('quiet', `${formatDuration(lowestRoundP50)} to ${formatDuration(highestRoundP50)}`),
      paint('bar', logBar(p50, slowest)),
    ]
  })
  return renderTable(columns, rows, paint)
}

function renderLoads({ loads, titles }: Results, paint: Paint): string[] {
  const columns: Column[] = [
    { title: 'calls per second', align: 'left' },
    ...CONCURRENCIES.map((count) => ({ title: `${formatCount(count)} at once`, align: 'right' }) as const),
    { title: 'errors', align: 'right' },
  ]
  const rows = Object.entries(loads).map(([path, byConcurrency]) => {
    const combined = CONCURRENCIES.map((concurrency) => combineLoads(byConcurrency[concurrency]))
    const errors = combined.reduce((sum, load) => sum + load.errors, 0)
    return [
      titles[path as Path] ?? path,
      ...combined.map(({ callsPerSecond }) => formatCount(callsPerSecond)),
      paint(errors === 0 ? 'quiet' : 'bad', formatCount(errors)),
    ]
  })
  return renderTable(columns, rows, paint)
}

function renderGoals(goals: readonly MeasuredGoal[], paint: Paint): string[] {
  const columns: Column[] = [
    { title: 'goal', align: 'left' },
    { title: '', align: 'left' },
    { title: 'must', align: 'right' },
    { title: 'aim', align: 'right' },
    { title: 'measured', align: 'right' },
    { title: 'rounds', align: 'left' },
    { title: '', align: 'left' },
  ]
  const rows = goals.map((goal) => {
    const verdict = judge(goal)
    const figure = goal.unit === 'ratio' ? formatRatio : formatCount
    const sign = goal.bound === 'at most' ? '≤' : '≥'
    return [
      goal.id,
      goal.what,
      `${sign} ${figure(goal.must)}`,
      goal.aim === undefined ? '' : `${sign} ${figure(goal.aim)}`,
      paint(TONE_BY_VERDICT[verdict], figure(goal.measured)),
      goal.spread === undefined
        ? ''
        : paint('quiet', `${figure(goal.spread.lowest)} to ${figure(goal.spread.highest)}`),
      paint(TONE_BY_VERDICT[verdict], verdict),
    ]
  })
  return renderTable(columns, rows, paint)
}

// From microseconds to a fifth of a second on one screen: each cell is a constant factor.
function logBar(ms: number, longest: number): string {
  const cells = (Math.log(ms / SHORTEST_BAR_MS) / Math.log(longest / SHORTEST_BAR_MS)) * BAR_CELLS
  return '━'.repeat(Math.max(1, Math.round(cells)))
}
