import { formatRatio } from '../format.ts'
import { judge } from '../goal.ts'
import type { Paint } from '../paint.ts'
import { type Column, renderTable } from '../table.ts'
import type { MeasuredGoal } from './goals.ts'

/** Lines of a table that says how each goal stands. */
export function renderGoals(goals: readonly MeasuredGoal[], paint: Paint): string[] {
  const titles = ['goal', '', 'must', 'aim', 'measured', 'rounds', '']
  const columns = titles.map((title, index): Column => ({ title, align: index < 2 || index > 4 ? 'left' : 'right' }))
  const rows = goals.map((goal) => {
    const verdict = judge(goal)
    const sign = goal.bound === 'at most' ? '≤' : '≥'
    const tone = verdict === 'missed' ? 'bad' : 'good'
    const spread = `${formatRatio(goal.spread.lowest)} to ${formatRatio(goal.spread.highest)}`
    const [must, aim] = [goal.must, goal.aim ?? goal.must].map((bound) => `${sign} ${formatRatio(bound)}`)
    const measured = paint(tone, formatRatio(goal.measured))
    return [goal.id, goal.what, must ?? '', aim ?? '', measured, paint('quiet', spread), paint(tone, verdict)]
  })
  return renderTable(columns, rows, paint)
}
