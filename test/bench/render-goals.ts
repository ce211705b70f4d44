import { formatBytes, formatCount, formatDuration, formatRatio } from './format.ts'
import { type Goal, judge, type MeasuredGoal, type Verdict } from './goal.ts'
import type { Paint, Tone } from './paint.ts'
import { type Column, renderTable } from './table.ts'

const FIGURES: Record<Goal['unit'], (figure: number) => string> = {
  ratio: formatRatio,
  count: formatCount,
  bytes: formatBytes,
  ms: formatDuration,
}
const TONES: Record<Verdict, Tone> = { 'aim met': 'good', ok: 'good', missed: 'bad' }

/** Lines of a table that says how each goal stands. */
export function renderGoals(goals: readonly MeasuredGoal[], paint: Paint): string[] {
  const titles = ['goal', '', 'must', 'aim', 'measured', '', 'rounds']
  if (goals.some(({ peer }) => peer !== undefined)) titles.push('best of others')
  const columns = titles.map((title, index): Column => ({ title, align: index < 2 || index > 4 ? 'left' : 'right' }))
  const rows = goals.map((goal) => {
    const verdict = judge(goal)
    const figure = FIGURES[goal.unit]
    const sign = goal.bound === 'at most' ? '≤' : '≥'
    return [
      goal.id,
      goal.what,
      `${sign} ${figure(goal.must)}`,
      goal.aim === undefined ? '' : `${sign} ${figure(goal.aim)}`,
      paint(TONES[verdict], figure(goal.measured)),
      paint(TONES[verdict], verdict),
      goal.spread === undefined
        ? ''
        : paint('quiet', `${figure(goal.spread.lowest)} to ${figure(goal.spread.highest)}`),
      goal.peer === undefined ? '' : `${figure(goal.peer.measured)}, ${goal.peer.title}`,
    ]
  })
  return renderTable(columns, rows, paint)
}
