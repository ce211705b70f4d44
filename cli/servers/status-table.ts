import { showServerName, withoutServer } from '../../shared/contracts/server-name.ts'
import type { ServerStatus, Status } from '../../shared/contracts/server-status.ts'
import { countOf } from '../../shared/count-of.ts'
import { joinLines } from '../output/break-lines.ts'
import { escapeLine } from '../output/escape.ts'
import type { Paint, Screen, Style } from '../output/screen.ts'
import { toSentence } from '../output/sentence.ts'
import { type Cell, type Column, renderTable } from '../output/table.ts'
import { describeDuration } from './describe-duration.ts'
import { NO_SERVERS } from './no-servers.ts'

const COLUMNS: readonly Column[] = [
  { heading: 'Server' },
  { heading: 'State' },
  { heading: 'Clients', align: 'right' },
  { heading: 'In flight', align: 'right' },
  { heading: 'Calls', align: 'right' },
  { heading: 'Restarts', align: 'right' },
  { heading: 'Uptime', align: 'right' },
  { heading: 'Why', isText: true },
]

const PAINT_BY_STATE: Record<ServerStatus['state'], keyof Style> = {
  ready: 'green',
  starting: 'cyan',
  stopping: 'cyan',
  cold: 'dim',
  disabled: 'dim',
  'backing-off': 'yellow',
  failed: 'red',
}
const SIGN_BY_STATE: Record<ServerStatus['state'], string> = {
  ready: '●',
  starting: '◐',
  stopping: '◐',
  cold: '○',
  disabled: '–',
  'backing-off': '▲',
  failed: '✗',
}

/** The status as lines: the service in one, then a row for each of its servers. `now` is milliseconds since 1970. */
export function statusTable({ service, servers }: Status, screen: Screen, now: number): string[] {
  const { style, width, isTerminal } = screen
  const rows = servers.map((server) => toRow(server, screen, now))
  const table = renderTable(COLUMNS, rows, { width, rules: isTerminal, heading: style.bold })
  const top = [...serviceLines(service, screen), ...problemLines(service, style)]
  return [...top, '', ...(servers.length === 0 ? [NO_SERVERS] : table)]
}

function serviceLines({ version, pid, uptime_s, counts, config_path }: Status['service'], screen: Screen): string[] {
  const { servers, running, clients, in_flight } = counts
  const parts = [
    `pilotlight ${version}`,
    `process ${pid}`,
    `up ${describeDuration(uptime_s * 1_000)}`,
    `${running} of ${countOf(servers, 'server')} running`,
    countOf(clients, 'client'),
    `${countOf(in_flight, 'call')} in flight`,
    escapeLine(config_path),
  ]
  return joinLines(parts, ' · ', screen.width).map(screen.style.dim)
}

function problemLines({ config_problem }: Status['service'], style: Style): string[] {
  if (config_problem === null) return []
  return config_problem.split('\n').map((line) => style.red(escapeLine(line)))
}

function toRow(server: ServerStatus, { style, isTerminal }: Screen, now: number): Cell[] {
  const { state } = server
  const paint: Paint = style[PAINT_BY_STATE[state]]
  return [
    { text: showServerName(server.name), paint: style.bold },
    { text: isTerminal ? `${SIGN_BY_STATE[state]} ${state}` : state, paint },
    { text: `${server.clients}/${server.max_clients}` },
    { text: String(server.in_flight) },
    { text: String(server.calls) },
    { text: String(server.restarts) },
    { text: uptimeOf(server, now) },
    { text: whyOf(server), paint: state === 'failed' || state === 'backing-off' ? paint : style.dim },
  ]
}

function uptimeOf({ state, since }: ServerStatus, now: number): string {
  return state === 'ready' ? describeDuration(now - Date.parse(since)) : 'not started'
}

/** Why it is as it is, what happens next, and what is the matter with its tools. */
function whyOf({ name, why, next, withheld, tools_changed, hidden_characters }: ServerStatus): string {
  const sentences = [withoutServer(name, why), next]
  if (withheld.length > 0) sentences.push(`Tools withheld: ${withheld.map(({ tool }) => tool).join(', ')}.`)
  if (tools_changed !== null) sentences.push(`Its tools have changed: "pilot tools accept ${name}" accepts them.`)
  if (hidden_characters.length > 0) sentences.push(`Tools with hidden characters: ${hidden_characters.join(', ')}.`)
  return sentences
    .map(toSentence)
    .filter((sentence) => sentence !== '')
    .join(' ')
}
