import { formatBytes, formatCount, formatDuration, formatRatio } from '../bench/format.ts'
import type { Paint } from '../bench/paint.ts'
import { type Column, renderTable } from '../bench/table.ts'
import type { PromiseRun, RunPlan } from './pool/promise-run.ts'
import { type ChaosPromise, isKept } from './promises.ts'

/** What came of a run: the promises it measured, or why it could not be made. */
export interface RunResult {
  run: PromiseRun
  plan: Pick<RunPlan, 'seed' | 'scale'>
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

/** All promises, a line each, and what runs again what broke one of them. */
export function renderSummary(results: readonly RunResult[], paint: Paint): string {
  const rows = [...Map.groupBy(results, ({ run }) => run)].map(([{ id, title }, rounds]) => {
    const tookMs = rounds.reduce((sum, round) => sum + round.tookMs, 0)
    const bad = rounds.filter((round) => !isGood(round))
    const verdict = paint(bad.length === 0 ? 'good' : 'bad', verdictOf(rounds, bad))
    return [id, title, formatDuration(tookMs), verdict]
  })
  const again = results.filter((result) => !isGood(result)).map((result) => ` again: ${commandOf(result)}`)
  const table = renderTable(columns(['', LEFT], ['promise', LEFT], ['took', RIGHT], ['', LEFT]), rows, paint)
  return lines('', ...table, '', ...again, ...(again.length === 0 ? [] : ['']))
}

function verdictOf(rounds: readonly RunResult[], bad: readonly RunResult[]): string {
  const word = bad.length === 0 ? 'kept' : bad.every(({ failure }) => failure !== undefined) ? 'not measured' : 'broken'
  return rounds.length === 1 ? word : `${word}, ${rounds.length - bad.length} of ${rounds.length} rounds good`
}

function commandOf({ run, plan }: RunResult): string {
  const part = plan.scale === 1 ? '' : ` --part ${plan.scale}`
  return `npm run chaos -- ${run.id} --seed ${plan.seed}${part}`
}

function columns(...all: ReadonlyArray<readonly [string, Column['align']]>): Column[] {
  return all.map(([title, align]) => ({ title, align }))
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
