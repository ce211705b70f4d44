import { formatCount, formatDuration, formatRatio } from '../format.ts'
import type { Paint } from '../paint.ts'
import { ratioOfMedians, summarize } from '../samples.ts'
import { runSection } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { type Growth, measureGrowth } from './measure-growth.ts'

await runSection<Growth[]>({
  id: 'growth',
  title: 'What a call costs where there is much of everything',
  help: `Measures what the worker's processor does for a call with few and with many clients, servers and tools. Needs Linux.

  npm run bench:growth                a minute
  npm run bench:growth -- --quick     half of it, noisier
  npm run bench:growth -- --json      the results as JSON instead of a table
`,
  measure: measureGrowth,
  render,
  goalsOf: (results) =>
    results.map((growth) => {
      const { ratio, ...spread } = ratioOfMedians(growth.many, growth.few)
      const { things, few, many } = growth.axis
      const what = `${growth.call}, ${formatCount(few)} to ${formatCount(many)} ${things}`
      const floor = growth.floor && ratioOfMedians(growth.floor.many, growth.floor.few).ratio
      const peer = floor !== undefined && { peer: { title: 'bytes passed on', measured: floor } }
      return { id: 'G15', what, unit: 'ratio', bound: 'at most', must: 1.5, aim: 1.2, measured: ratio, spread, ...peer }
    }),
  toJson: (results) => ({
    cpu_ms_per_call: results.map(({ call, axis: { things, few, many }, floor, ...rounds }) => ({
      call,
      things,
      few: { count: few, ...summarize(rounds.few) },
      many: { count: many, ...summarize(rounds.many) },
      ...(floor && { bytes_passed_on: { few: summarize(floor.few), many: summarize(floor.many) } }),
    })),
  }),
})

function render(results: readonly Growth[], paint: Paint): string[] {
  const titles = ['CPU of the worker for', 'with', 'few', 'many', 'growth', 'rounds']
  const columns = titles.map((title, place): Column => ({ title, align: place < 2 ? 'left' : 'right' }))
  const rows = results.map(({ call, axis: { things, few, many }, ...rounds }) => {
    const { ratio, lowest, highest } = ratioOfMedians(rounds.many, rounds.few)
    return [
      call,
      `${formatCount(few)} to ${formatCount(many)} ${things}`,
      ...[rounds.few, rounds.many].map((times) => formatDuration(summarize(times).p50)),
      formatRatio(ratio),
      paint('quiet', `${formatRatio(lowest)} to ${formatRatio(highest)}`),
    ]
  })
  return renderTable(columns, rows, paint)
}
