import { formatDuration, formatRatio } from '../format.ts'
import type { Paint } from '../paint.ts'
import { summariesOf } from '../summaries.ts'
import { type Column, renderTable } from '../table.ts'
import type { PeerResults } from './measure-peers.ts'
import { renderFailures } from './render-failures.ts'

const LOADS = ['call', 'calls at 100', '100 KB', '5 MB'] as const

/** Lines of a table with a row for each way: what a call took, and each load's ratio to the same call with nothing between. */
export function renderPeers({ calls, gateways, failures }: PeerResults, paint: Paint): string[] {
  const titles = ['an official client', 'call, p50', 'p99', ...LOADS.map((load) => `${load}, to direct`)]
  const columns = titles.map((title, index): Column => ({ title, align: index === 0 ? 'left' : 'right' }))
  const ways = Object.keys(calls.call ?? {})
  const summaries = summariesOf(calls)
  const rows = ways.map((way) => {
    const call = summaries.call?.[way]
    const ratios = LOADS.map((load) => formatRatio(summaries[load]?.[way]?.to_direct.ratio ?? Number.NaN))
    return [way, formatDuration(call?.p50 ?? Number.NaN), formatDuration(call?.p99 ?? Number.NaN), ...ratios]
  })
  const leftOut = Array.from(failures, ([title, why]) => ` ${paint('bad', `${title} is left out: ${why}`)}`)
  return [
    ...renderTable(columns, rows, paint),
    ...(Object.keys(gateways).length === 0 ? [] : ['', ...renderFailures(gateways, paint)]),
    ...(leftOut.length === 0 ? [] : ['', ...leftOut]),
  ]
}
