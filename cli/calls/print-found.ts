import type { FindToolsSuccess } from '../../shared/contracts/find-tools.ts'
import type { CommandContext } from '../command.ts'
import { escapeLine } from '../output/escape.ts'
import { openScreen } from '../output/screen.ts'
import { renderTable } from '../output/table.ts'
import { cut } from '../output/text-width.ts'

const SCORE_AND_GAPS = 9
const MIN_DESCRIPTION_WIDTH = 24
const MAX_DESCRIPTION_WIDTH = 100

/** Prints found tools as a table, best first; where there are none, says so on stderr. */
export function printFound({ message, details }: FindToolsSuccess, context: CommandContext): void {
  const { successful_attachments: found, embeddings } = details
  if (embeddings?.reason !== undefined) context.tell(`By words alone: ${escapeLine(embeddings.reason)}\n`)
  if (found.length === 0) return context.tell(`${escapeLine(message)}\n`)
  const { style, width, isTerminal } = openScreen(context.variables)
  const longest = Math.max(...found.map(({ tool_id }) => tool_id.length))
  const beside = width - longest - SCORE_AND_GAPS
  // Where there is hardly room beside it, it stands below its tool.
  const room = Math.min(beside < MIN_DESCRIPTION_WIDTH ? width - 2 : beside, MAX_DESCRIPTION_WIDTH)
  const rows = found.map(({ tool_id, match_score, description }) => [
    { text: (match_score ?? 0).toFixed(1), paint: style.green },
    { text: tool_id, paint: style.bold },
    { text: cut(escapeLine(description ?? ''), room), paint: style.dim },
  ])
  const columns = [
    { heading: 'Score', align: 'right' as const },
    { heading: 'Tool' },
    { heading: 'Description', isText: true },
  ]
  const lines = renderTable(columns, rows, { width, rules: isTerminal, heading: style.bold })
  context.print(lines.map((line) => `${line}\n`).join(''))
}
