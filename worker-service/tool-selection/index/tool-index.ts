import type { ListedServer, ToolDefinition } from '../../tool-catalog/tool-catalog.ts'
import { buildPostings, type Postings } from './postings.ts'
import { type FieldWords, TextTable } from './text-table.ts'
import { compact, type Term } from './tokens.ts'
import { serverTexts, toolTexts } from './tool-fields.ts'
import { at } from './typed-arrays.ts'

/** A tool as the index knows it. Its place in the index (server order, then tool order) decides between equals. */
export interface IndexedTool {
  /** `server/tool`. */
  id: string
  server: ListedServer
  tool: ToolDefinition
  /** The name in {@link compact} form. */
  compactName: string
}

/** An inverted index over tools, built at once and never changed. Tools and terms are numbers, their places in `tools` and `terms`. */
export interface ToolIndex {
  tools: readonly IndexedTool[]
  terms: ReadonlyMap<Term, number>
  /** How telling each term is, 0 and up. */
  idf: Float32Array
  postings: Postings
  text: FieldWords
  /** Tools by the compact form of their name, and of their id. */
  named: ReadonlyMap<string, readonly number[]>
}

/** Builds the index over all tools of the servers. */
export function buildToolIndex(servers: readonly ListedServer[]): ToolIndex {
  const table = new TextTable()
  const tools: IndexedTool[] = []
  for (const server of servers) {
    const shared = table.addShared(serverTexts(server))
    for (const tool of server.tools) {
      table.addTool(toolTexts(tool), shared)
      tools.push({ id: `${server.name}/${tool.name}`, server, tool, compactName: compact(tool.name) })
    }
  }
  const text = table.finish()
  const postings = buildPostings(text, table.terms.size)
  const { offsets } = postings
  const idf = Float32Array.from(table.terms.values(), (term) =>
    inverseFrequency(at(offsets, term + 1) - at(offsets, term), tools.length),
  )
  return { tools, terms: table.terms, idf, postings, text, named: byName(tools) }
}

/** How telling a term is that `matching` of `total` tools have: Robertson and Spärck Jones' weight, made positive as in Lucene. */
export function inverseFrequency(matching: number, total: number): number {
  return Math.log(1 + (total - matching + 0.5) / (matching + 0.5))
}

function byName(tools: readonly IndexedTool[]): Map<string, number[]> {
  const named = new Map<string, number[]>()
  tools.forEach(({ id, compactName }, place) => {
    for (const name of [compactName, compact(id)]) {
      const sharing = named.get(name)
      if (sharing === undefined) named.set(name, [place])
      else if (sharing.at(-1) !== place) sharing.push(place)
    }
  })
  return named
}
