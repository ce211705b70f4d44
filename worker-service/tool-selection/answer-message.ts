import type { Caller, FailedAttachment, FoundTool } from '../../shared/contracts/find-tools.ts'
import { countOf } from '../../shared/count-of.ts'
import { enumerate } from './enumerate.ts'

/** The tool that came nearest when none was good enough. */
interface NearestTool {
  id: string
  score: number
}

/** What is said where nothing was found. Servers are names, nearest first; `skipped` maps those that could not be listed to the reason. */
export interface NothingFound {
  query: string
  minScore: number
  nearest: NearestTool | undefined
  nearestServers: readonly string[]
  servers: readonly string[]
  toolCount: number
  skipped: ReadonlyMap<string, string>
  /** Whether every configured server has been listed or skipped. */
  complete: boolean
}

const SHOWN_QUERY_LENGTH = 80
const SHOWN_REASON_LENGTH = 160

export const NO_QUERY_MESSAGE = 'No query was given: nothing was searched, and what is attached stays attached.'

/** "Attached 3 tools: a, b, c"; "Found" where there is nobody to attach them to. Then what could not be attached, and why. */
export function describeFound(
  tools: readonly FoundTool[],
  caller: Caller,
  failed: readonly FailedAttachment[] = [],
): string {
  const verb = caller.kind === 'nobody' ? 'Found' : 'Attached'
  const names = tools.length === 0 ? '' : `: ${tools.map(({ name }) => name).join(', ')}`
  const attached = `${verb} ${countOf(tools.length, 'tool')}${names}`
  if (failed.length === 0) return attached
  const reasons = failed.map(({ tool_id, error }) => `${tool_id} (${shorten(error ?? '', SHOWN_REASON_LENGTH)})`)
  return `${attached}. Could not attach ${enumerate(reasons)}.`
}

/** Says that nothing was found, what came nearest, and where nobody could look. */
export function describeNothingFound(outcome: NothingFound): string {
  const { query, skipped, complete } = outcome
  const sentences = [`No tool matches "${shorten(query, SHOWN_QUERY_LENGTH)}".`, describeNearest(outcome)]
  if (skipped.size > 0) {
    const reasons = Array.from(skipped, ([server, reason]) => `${server} (${shorten(reason, SHOWN_REASON_LENGTH)})`)
    sentences.push(`Could not be listed: ${enumerate(reasons)}.`)
  }
  if (!complete) sentences.push('Some servers have not been listed yet; ask again in a moment.')
  return sentences.join(' ')
}

function describeNearest({ nearest, nearestServers, minScore, servers, toolCount }: NothingFound): string {
  if (toolCount === 0) return 'No tools are known.'
  if (nearest === undefined) return `Searched ${countOf(toolCount, 'tool')} of ${enumerate(servers)}.`
  const best = `The nearest is ${nearest.id}, whose score of ${nearest.score} is below min_score ${minScore}.`
  return `${best} Nearest ${nearestServers.length === 1 ? 'server' : 'servers'}: ${enumerate(nearestServers)}.`
}

function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > length ? `${line.slice(0, length)}…` : line
}
