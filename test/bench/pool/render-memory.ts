import { formatBytes, formatCount, formatRatio } from '../format.ts'
import type { Paint } from '../paint.ts'
import { type Column, renderTable } from '../table.ts'
import {
  bytesOfAllCopies,
  CLIENTS,
  KNOWN_SERVERS,
  LIVE_CLIENTS,
  type MemoryResults,
  type Processes,
  SERVERS,
} from './measure-memory.ts'

/** Lines of a table of what takes how much memory. What was not measured but follows from what was says so. */
export function renderMemory(results: MemoryResults, paint: Paint): string[] {
  const { known, asked, perClient, shared, around, copies, connect } = results
  const copiesOfAll = { count: CLIENTS * SERVERS, bytes: bytesOfAllCopies(results) }
  const fromMeasured = `worked out from those of ${copies.clients} clients`
  const everybody = `${CLIENTS} clients × ${SERVERS} servers`
  const titles = ['memory', 'processes', 'bytes', 'to shared', '']
  const columns = titles.map((title, index): Column => ({ title, align: index % 4 === 0 ? 'left' : 'right' }))
  const row = (what: string, { count, bytes }: Processes, note: string) => [
    what,
    formatCount(count),
    formatBytes(bytes),
    formatRatio(bytes / shared.bytes),
    paint('quiet', note),
  ]
  const alone = (what: string, bytes: number, note: string) => [what, '', formatBytes(bytes), '', paint('quiet', note)]
  return renderTable(
    columns,
    [
      alone(`worker, ${KNOWN_SERVERS} servers known`, known, 'RSS; none runs'),
      ...(asked === undefined
        ? []
        : [alone('worker, once all were asked', asked, 'RSS; the same, after it started and asked each')]),
      alone('a live client', perClient, `RSS; what each of ${LIVE_CLIENTS} adds to the worker`),
      row(`${everybody}, shared`, shared, 'PSS; the servers'),
      row('worker and what guards its servers', around, 'PSS'),
      ...(connect === undefined
        ? []
        : [row('pilot connect, for one client', connect, 'PSS; only for clients that speak over stdio')]),
      row(`${copies.clients} clients × ${SERVERS} servers, copies`, copies, 'PSS; the shared ones as the first'),
      ...(copies.clients < CLIENTS ? [row(`${everybody}, copies`, copiesOfAll, fromMeasured)] : []),
    ],
    paint,
  )
}
