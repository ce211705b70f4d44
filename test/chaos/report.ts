import { formatBytes, formatCount, formatDuration, formatRatio } from '../bench/format.ts'
import type { Paint } from '../bench/paint.ts'
import { type Column, renderTable } from '../bench/table.ts'
import type { PromiseRun } from './pool/promise-run.ts'
import { type ChaosPromise, isKept } from './promises.ts'

/** What came of a run: the promises it measured, or why it could not be made. */
export interface RunResult {
  run: PromiseRun
  tookMs: number
  promises: readonly ChaosPromise[]
  failure: string | undefined
}

const FIGURES: Record<ChaosPromise['unit'], (figure: number) => string> = {
  count: formatCount,
  ms: formatDuration,
  ratio: formatRatio,
  bytes: formatBytes,
}
const LEFT = 'left'
const RIGHT = 'right'

/** Whether a run was made and every promise kept. */
export function isGood({ promises, failure }: RunResult): boolean {
  return failure === undefined && promises.every(isKept)
}

/** What will be done, before it is done. */
export function renderSchedule({ id, title }: PromiseRun, schedule: readonly string[], paint: Paint): string {
  return lines('', ` ${paint('title', `${id}  ${title}`)}`, ...schedule.map((line) => ` ${paint('quiet', line)}`), '')
}

/** What came of one run, `notes` first. */
export function renderResult({ promises, failure }: RunResult, notes: readonly string[], paint: Paint): string {
  const table = failure === undefined ? renderPromises(promises, paint) : []
  const noted = notes.length === 0 ? [] : [...notes, '']
  return lines(...noted, ...table, ...(failure === undefined ? [] : [` ${paint('bad', failure)}`]))
}

/** What was promised beside what was measured, a line each. */
export function renderPromises(promises: readonly ChaosPromise[], paint: Paint): string[] {
  const rows = promises.map((promise) => {
    const figure = FIGURES[promise.unit]
    const tone = isKept(promise) ? 'good' : 'bad'
    const verdict = paint(tone, isKept(promise) ? 'kept' : 'broken')
    return [promise.what, `≤ ${figure(promise.must)}`, paint(tone, figure(promise.measured)), verdict]
  })
  return renderTable(columns(['promise', LEFT], ['must', RIGHT], ['measured', RIGHT], ['', LEFT]), rows, paint)
}

/** All runs, a line each. */
export function renderSummary(results: readonly RunResult[], paint: Paint): string {
  const rows = results.map((result) => {
    const { run, tookMs, failure } = result
    const word = failure === undefined ? (isGood(result) ? 'kept' : 'broken') : 'not measured'
    return [run.id, run.title, formatDuration(tookMs), paint(isGood(result) ? 'good' : 'bad', word)]
  })
  return lines('', ...renderTable(columns(['', LEFT], ['promise', LEFT], ['took', RIGHT], ['', LEFT]), rows, paint), '')
}

function columns(...all: ReadonlyArray<readonly [string, Column['align']]>): Column[] {
  return all.map(([title, align]) => ({ title, align }))
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
