import { showServerName } from '../../shared/contracts/server-name.ts'
import { countOf } from '../../shared/count-of.ts'
import type { CheckedServer, ConfigurationReport } from '../../worker-service/config/check-configuration.ts'
import { escapeLine } from '../output/escape.ts'
import type { Screen, Style } from '../output/screen.ts'
import { type Cell, renderTable } from '../output/table.ts'

type Note = ConfigurationReport['errors'][number]

const MARKS: Record<CheckedServer['state'], { mark: string; colour: 'green' | 'red' | 'dim'; says: string }> = {
  usable: { mark: '✔', colour: 'green', says: '' },
  unusable: { mark: '✘', colour: 'red', says: 'cannot be used, see below' },
  disabled: { mark: '–', colour: 'dim', says: 'switched off' },
}

/** A report for somebody to read: the servers, then what is wrong and what is odd, each with its place. */
export function printReport(report: ConfigurationReport, screen: Screen): string {
  const { path, exists, servers, errors, warnings } = report
  const { style } = screen
  if (!exists) {
    return `${escapeLine(path)}\nThere is no such file, so there are no servers. "pilot import" fills it from the clients you have.\n`
  }
  const notes = [
    ...inOrder(errors).map((note) => toRow(note, { text: 'error', paint: style.red })),
    ...inOrder(warnings).map((note) => toRow(note, { text: 'warning', paint: style.yellow })),
  ]
  const table = renderTable([{ heading: '' }, { heading: 'Line' }, { heading: 'What', isText: true }], notes, {
    width: screen.width,
    rules: false,
    heading: style.dim,
  })
  return [
    style.bold(escapeLine(path)),
    ...servers.map((server) => serverLine(server, style)),
    ...(notes.length === 0 ? [] : ['', ...table]),
    '',
    summaryOf(report, style),
    '',
  ].join('\n')
}

/** A report for a program. */
export function toJson({ errors, warnings, ...report }: ConfigurationReport): string {
  const flat = ({ text, position }: Note) => ({ line: position?.line ?? null, column: position?.column ?? null, text })
  return `${JSON.stringify({ ...report, errors: errors.map(flat), warnings: warnings.map(flat) }, null, 2)}\n`
}

function serverLine({ name, state, transport }: CheckedServer, style: Style): string {
  const { mark, colour, says } = MARKS[state]
  return `  ${style[colour](mark)} ${escapeLine(showServerName(name))}${style.dim(`  ${transport ?? says}`)}`
}

// Those about the whole file first.
function inOrder(notes: readonly Note[]): Note[] {
  return notes.toSorted((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0))
}

function toRow({ text, position }: Note, kind: Cell): Cell[] {
  return [kind, { text: position === undefined ? '' : `${position.line}:${position.column}` }, { text }]
}

function summaryOf({ servers, errors, warnings }: ConfigurationReport, style: Style): string {
  const counts = [
    ...(errors.length > 0 ? [style.red(countOf(errors.length, 'error'))] : []),
    ...(warnings.length > 0 ? [style.yellow(countOf(warnings.length, 'warning'))] : []),
  ]
  if (counts.length > 0) return `${counts.join(', ')}.`
  return `${style.green('All is well')}: ${countOf(servers.length, 'server')}.`
}
