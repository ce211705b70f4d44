import { formatCount, formatDuration, formatMemory, formatRatio } from '../format.ts'
import type { Paint } from '../paint.ts'
import { ratioOfMedians, summarize } from '../samples.ts'
import { type Column, renderTable } from '../table.ts'
import type { Path } from './contestant.ts'
import { CONCURRENCIES, combineLoads, type Results } from './results.ts'

const BAR_CELLS = 24
const SHORTEST_BAR_MS = 0.01
const CPU_AT = 100

/** Lines of the results: times, calls per second, memory. */
export function renderReport(results: Results, paint: Paint): string[] {
  return [
    ...renderLatencies(results, paint),
    '',
    ...renderLoads(results, paint),
    '',
    ` memory of the worker   ${formatMemory(results.memory.idle)} idle, ${formatMemory(results.memory.after)} after`,
  ]
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
    { title: `CPU of one at ${CPU_AT}`, align: 'right' },
    { title: 'errors', align: 'right' },
  ]
  const rows = Object.entries(loads).map(([path, byConcurrency]) => {
    const combined = CONCURRENCIES.map((concurrency) => combineLoads(byConcurrency[concurrency]))
    const errors = combined.reduce((sum, load) => sum + load.errors, 0)
    return [
      titles[path as Path] ?? path,
      ...combined.map(({ callsPerSecond }) => formatCount(callsPerSecond)),
      formatDuration(combineLoads(byConcurrency[CPU_AT]).cpuMs),
      paint(errors === 0 ? 'quiet' : 'bad', formatCount(errors)),
    ]
  })
  return renderTable(columns, rows, paint)
}

// From microseconds to a fifth of a second on one screen: each cell is a constant factor.
function logBar(ms: number, longest: number): string {
  const cells = (Math.log(ms / SHORTEST_BAR_MS) / Math.log(longest / SHORTEST_BAR_MS)) * BAR_CELLS
  return '━'.repeat(Math.max(1, Math.round(cells)))
}
