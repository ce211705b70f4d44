import { formatBytes, formatCount } from '../../bench/format.ts'
import type { Paint } from '../../bench/paint.ts'
import { type Column, renderTable } from '../../bench/table.ts'
import type { FittedLine } from '../../support/least-squares.ts'
import {
  CALLERS_EACH,
  CALLS_AT_ONCE,
  partsOf,
  SOAK_SERVERS,
  type SoakOutcome,
  type SoakPlan,
  type SoakSample,
} from './soak.ts'
import { type Fitted, growthPer1000Calls, WARM_UP_SHARE } from './soak-promises.ts'

const ROWS = 10
const TITLES = ['calls', 'clients gone', 'heap', 'outside', 'resident', 'in maps and sets', 'timers', 'descriptors']
const GROWTHS: ReadonlyArray<readonly [of: Fitted, title: string, format: (figure: number) => string]> = [
  ['live', 'heap and outside', formatBytes],
  ['resident', 'resident', formatBytes],
  ['entries', 'in maps and sets', formatSmall],
  ['descriptors', 'descriptors', formatSmall],
]

/** What will be done, before it is done. */
export function soakSchedule(plan: SoakPlan): string[] {
  const { calls, clients, minutes, seed } = plan
  const forHowLong = minutes === undefined ? '' : `, again and again for ${minutes} minutes`
  return [
    `${formatCount(calls)} calls of ${SOAK_SERVERS.length} servers, ${CALLERS_EACH * CALLS_AT_ONCE} at once on each, while ${formatCount(clients)} clients connect and vanish, seed ${seed}${forHowLong};`,
    `what the worker holds is measured after each ${formatCount(calls / partsOf(plan))} calls, its garbage collected; lines are fitted without the first ${WARM_UP_SHARE * 100} %.`,
  ]
}

/** What was held in the course of a run, a few lines of it, and how it grew. */
export function renderSamples(outcome: SoakOutcome, paint: Paint): string[] {
  const columns = TITLES.map((title): Column => ({ title, align: 'right' }))
  const growths = GROWTHS.map(([of, title, format]) => [title, ...growthOf(growthPer1000Calls(outcome, of), format)])
  const growthColumns = ['growth per 1,000 calls', 'fitted', '95 %'].map(
    (title, index): Column => ({ title, align: index === 0 ? 'left' : 'right' }),
  )
  return [
    ...renderTable(columns, some(outcome.samples).map(rowOf), paint),
    '',
    ...renderTable(growthColumns, growths, paint),
  ]
}

function growthOf({ slope, margin }: FittedLine, format: (figure: number) => string): string[] {
  return [format(slope), `± ${format(margin)}`]
}

function rowOf({ calls, clients, heapUsed, external, resident, entries, timers, descriptors }: SoakSample): string[] {
  const counts = [entries, timers, descriptors].map(formatCount)
  return [formatCount(calls), formatCount(clients), ...[heapUsed, external, resident].map(formatBytes), ...counts]
}

/** The first sample, the last one, and some of those between at even distances. */
function some(samples: readonly SoakSample[]): SoakSample[] {
  const step = Math.max(1, (samples.length - 1) / ROWS)
  const places = Array.from({ length: Math.min(ROWS, samples.length - 1) + 1 }, (_, row) => Math.round(row * step))
  return places.flatMap((place) => samples[place] ?? [])
}

function formatSmall(figure: number): string {
  return Number.isFinite(figure) ? figure.toFixed(3) : '–'
}
