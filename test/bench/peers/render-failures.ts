import { formatBytes, formatCount, formatDuration } from '../format.ts'
import type { Paint } from '../paint.ts'
import { type Column, renderTable } from '../table.ts'
import { type GatewayResults, MANY_SERVERS } from './measure-failures.ts'

const TITLES = [
  'between a client and a server',
  'server killed: answered again after',
  'killed itself: servers left',
  `memory with ${MANY_SERVERS} servers (PSS)`,
]

/** Lines of a table with a row for each gateway. */
export function renderFailures(results: Readonly<Record<string, GatewayResults>>, paint: Paint): string[] {
  const columns = TITLES.map((title, index): Column => ({ title, align: index === 0 ? 'left' : 'right' }))
  const rows = Object.entries(results).map(([title, result]) => [
    title,
    wayBack(result),
    formatCount(result.left),
    formatBytes(result.memoryBytes),
  ])
  return renderTable(columns, rows, paint)
}

function wayBack({ sameClient, newClient }: GatewayResults): string {
  if (sameClient !== undefined) return formatDuration(sameClient)
  return newClient === undefined ? 'never' : 'never; a new client is'
}
