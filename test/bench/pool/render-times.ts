import { formatCount, formatDuration, formatRatio } from '../format.ts'
import type { Paint } from '../paint.ts'
import { type Rounds, ratioOfMedians, summarize } from '../samples.ts'
import { type Column, renderTable } from '../table.ts'

/** What each way took, by the name of the load; one of them is `direct`, with which the others are compared. */
type ByLoad = Readonly<Record<string, Readonly<Record<string, Rounds>>>>

/** Lines of a table of what a call took on each way. `titles` name the ways. */
export function renderTimes(results: ByLoad, titles: Readonly<Record<string, string>>, paint: Paint): string[] {
  const columns = ['per call, p50', 'way', 'p50', 'p99', 'to direct', 'n'].map(
    (title, index): Column => ({ title, align: index < 2 ? 'left' : 'right' }),
  )
  const rows = Object.entries(results).flatMap(([load, times]) =>
    Object.entries(times).map(([path, rounds]) => {
      const { calls, p50, p99 } = summarize(rounds)
      const ratio = formatRatio(ratioOfMedians(rounds, times.direct ?? []).ratio)
      return [load, titles[path] ?? path, formatDuration(p50), formatDuration(p99), ratio, formatCount(calls)]
    }),
  )
  return renderTable(columns, rows, paint)
}
