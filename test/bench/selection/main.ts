import { formatBytes, formatCount, formatDuration } from '../format.ts'
import type { MeasuredGoal } from '../goal.ts'
import type { Paint } from '../paint.ts'
import { runSection } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { type Measured, measureSelection, type Results, type SelectionPlan } from './measure.ts'

const TOOLS = 10_000
const MB = 1e6
const THOROUGH: SelectionPlan = { warmUpRounds: 3, rounds: 6, othersEvery: 1, tries: 3 }
const QUICK: SelectionPlan = { warmUpRounds: 3, rounds: 1, othersEvery: 3, tries: 1 }

await runSection<Results>({
  id: 'selection',
  title: 'Finding tools',
  help: `Measures the index over ${formatCount(TOOLS)} tools: made, read from its bytes, its memory, and queries, beside MiniSearch.

  npm run bench:selection                half a minute
  npm run bench:selection -- --quick     a third of it, noisier
  npm run bench:selection -- --json      the results as JSON instead of a table
`,
  measure: async ({ quick, say }, signal) => {
    say(`${formatCount(TOOLS)} tools`)
    return measureSelection(TOOLS, quick ? QUICK : THOROUGH, signal)
  },
  render,
  goalsOf,
  toJson: (results) => ({ ...results }),
})

function render({ tools, pilotlight, minisearch }: Results, paint: Paint): string[] {
  const titles = [`${formatCount(tools)} tools`, 'indexed', 'read', 'memory', 'query p50', 'query p99']
  const columns = titles.map((title, place): Column => ({ title, align: place === 0 ? 'left' : 'right' }))
  const rows = [toRow('pilotlight', pilotlight), toRow('minisearch', minisearch)]
  const [ours, others] = [pilotlight, minisearch].map(({ query }) => formatCount(query.calls))
  return [...renderTable(columns, rows, paint), ` ${paint('quiet', `${ours} queries of ours, ${others} of the other`)}`]
}

function toRow(title: string, { index, load, memory, query }: Measured): string[] {
  const times = [index, load ?? Number.NaN].map(formatDuration)
  return [title, ...times, formatBytes(memory), formatDuration(query.p50), formatDuration(query.p99)]
}

function goalsOf({ tools, pilotlight, minisearch }: Results): MeasuredGoal[] {
  const goal = (what: string, must: number, figureOf: (of: Measured) => number | undefined): MeasuredGoal => ({
    id: 'index',
    what,
    unit: 'ms',
    bound: 'at most',
    must,
    measured: figureOf(pilotlight) ?? Number.NaN,
    peer: { title: 'MiniSearch', measured: figureOf(minisearch) ?? Number.NaN },
  })
  return [
    { ...goal(`a query over ${formatCount(tools)} tools, p50`, 0.5, ({ query }) => query.p50), id: 'G14', aim: 0.1 },
    { ...goal('the same, p99', 2, ({ query }) => query.p99), id: 'G14' },
    goal('tools indexed', 600, ({ index }) => index),
    goal('index read from its bytes', 100, ({ load }) => load),
    { ...goal('memory of the index', 60 * MB, ({ memory }) => memory), unit: 'bytes' },
  ]
}
