import { formatBytes, formatCount, formatRatio } from '../format.ts'
import type { Paint } from '../paint.ts'
import { type Column, renderTable } from '../table.ts'
import { EDITORS, type MemoryResults, type Processes, SERVERS } from './measure.ts'

/** Lines of a table of what takes how many processes and how much memory, and how many times more the copies take. */
export function renderResults({ fronts, worker, guards, servers, copies }: MemoryResults, paint: Paint): string[] {
  const all = [fronts, worker, guards, servers].reduce((total, one) => ({
    count: total.count + one.count,
    bytes: total.bytes + one.bytes,
  }))
  const titles = [`${EDITORS} editors × ${SERVERS} servers`, 'processes', 'to shared', 'memory (PSS)', 'to shared']
  const columns = titles.map((title, index): Column => ({ title, align: index === 0 ? 'left' : 'right' }))
  const part = (what: string, { count, bytes }: Processes) => [what, formatCount(count), '', formatBytes(bytes)]
  const whole = (what: string, { count, bytes }: Processes) => {
    const ratios = [formatRatio(count / all.count), formatRatio(bytes / all.bytes)] as const
    return [what, formatCount(count), ratios[0], formatBytes(bytes), ratios[1]]
  }
  const rows = [
    part('pilot mcp, one for each editor', fronts),
    part('worker', worker),
    part('what ends servers with the worker', guards),
    part('servers', servers),
    whole('shared, in all', all),
    whole('a copy of each server for each editor', copies),
  ]
  return renderTable(columns, rows, paint)
}
