import { formatDuration } from '../bench/format.ts'
import type { Paint } from '../bench/paint.ts'
import { type Column, renderTable } from '../bench/table.ts'
import type { Result, SetResults } from './evaluate.ts'
import type { Results, SetReport } from './means.ts'

const COLUMNS: readonly Column[] = [
  { title: '', align: 'left' },
  { title: '', align: 'left' },
  { title: 'queries', align: 'right' },
  ...['NDCG@10', 'R@1', 'R@3', 'R@5', 'R@10', 'MRR', 'p50', 'p99'].map((title): Column => ({ title, align: 'right' })),
]

/** Tables for people: every set with every method and half, then the mean over the sets. */
export function renderReports({ sets, means }: Results, paint: Paint): string {
  const tables = sets.map((report) => renderSet(report, paint))
  if (Object.keys(means).length > 0) tables.push(renderMeans(means, paint))
  return `\n${tables.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function renderSet({ set, tools, methods }: SetReport, paint: Paint): string[] {
  const rows = Object.entries(methods).flatMap(([title, { all, tuned, heldOut }]) => [
    [title, 'all', ...toCells(all)],
    ...(isOurs(title)
      ? [
          ['', 'tuned', ...toCells(tuned)],
          ['', 'held out', ...toCells(heldOut)],
        ]
      : []),
  ])
  const ours = Object.entries(methods).filter(([title]) => isOurs(title))
  return [
    ` ${paint('title', set)}   ${paint('quiet', `${tools} tools`)}`,
    '',
    ...renderTable(COLUMNS, rows, paint),
    ...ours.flatMap(([title, results]) =>
      results.all.abstention === undefined ? [] : ['', ...renderOwn(title, results, paint)],
    ),
  ]
}

function isOurs(title: string): boolean {
  return title.startsWith('pilotlight')
}

// What only a set with queries that no tool fits can show.
function renderOwn(title: string, { all, tuned, heldOut, kinds }: SetResults, paint: Paint): string[] {
  const halves = { all, tuned, 'held out': heldOut, ...kinds }
  const columns = [title, 'queries', 'NDCG@10', 'R@1', 'empty, rightly', 'empty where none fits']
  const rows = Object.entries(halves).map(([half, { queries, score, abstention }]) => [
    half,
    `${queries}`,
    percent(score.ndcg10),
    percent(score.recall1),
    percent(abstention?.precision ?? Number.NaN),
    percent(abstention?.recall ?? Number.NaN),
  ])
  return renderTable(
    columns.map((column, place) => ({ title: column, align: place === 0 ? 'left' : 'right' })),
    rows,
    paint,
  )
}

function renderMeans(means: Results['means'], paint: Paint): string[] {
  const rows = Object.entries(means).flatMap(([title, { all, tuned, heldOut }]) => [
    [title, 'all', '', ...toFigures(all)],
    ['', 'tuned', '', ...toFigures(tuned)],
    ['', 'held out', '', ...toFigures(heldOut)],
  ])
  return [` ${paint('title', 'Mean of the sets')}`, '', ...renderTable(COLUMNS.slice(0, -2), rows, paint)]
}

function toCells({ queries, score, latency }: Result): string[] {
  return [`${queries}`, ...toFigures(score), formatDuration(latency.p50), formatDuration(latency.p99)]
}

function toFigures({ ndcg10, recall1, recall3, recall5, recall10, mrr }: Result['score']): string[] {
  return [ndcg10, recall1, recall3, recall5, recall10, mrr].map(percent)
}

function percent(share: number): string {
  return Number.isFinite(share) ? (100 * share).toFixed(1) : '–'
}
