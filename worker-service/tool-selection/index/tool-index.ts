import type { ListedServer, ToolDefinition } from '../../tool-catalog/tool-catalog.ts'
import { toItemId } from '../client-names.ts'
import { NameBeginnings } from './name-beginnings.ts'
import { buildPostings, type Postings } from './postings.ts'
import { Spelling } from './spelling.ts'
import { type FieldWords, TextTable } from './text-table.ts'
import { readThesaurus } from './thesaurus.ts'
import { compact, type Term } from './tokens.ts'
import { SERVER_FIELDS, serverTexts, toolTexts } from './tool-fields.ts'
import { at } from './typed-arrays.ts'

/** A tool as the index knows it. Its place in the index (server order, then tool order) decides between equals. */
export interface IndexedTool {
  /** `server/tool`. */
  id: string
  server: ListedServer
  tool: ToolDefinition
  /** The name in {@link compact} form. */
  compactName: string
  /** The id in {@link compact} form. */
  compactId: string
}

/** A {@link Synonym} that the index has, by its term's number. */
interface KnownSynonym {
  term: number
  share: number
}

/** An inverted index over tools, built at once and never changed. Tools and terms are numbers, their places in `tools` and `terms`. */
export interface ToolIndex {
  tools: readonly IndexedTool[]
  terms: ReadonlyMap<Term, number>
  /** For words, known here or not, the terms that may stand for them. */
  synonyms: ReadonlyMap<Term, readonly KnownSynonym[]>
  /** How telling each term is, 0 and up. */
  idf: Float32Array
  postings: Postings
  text: FieldWords
  spelling: Spelling
  beginnings: NameBeginnings
  /** Tools by the compact form of their name, and of their id. */
  named: ReadonlyMap<string, readonly number[]>
}

/** What the work of building an index comes to, as lists and numbers: an index is made of it, and the same tools, in no time. */
export interface IndexParts {
  compactNames: readonly string[]
  compactIds: readonly string[]
  terms: readonly Term[]
  synonyms: ReadonlyArray<readonly [word: Term, synonyms: readonly KnownSynonym[]]>
  idf: Float32Array
  postings: Postings
  text: FieldWords
}

/** Builds the index over all tools of the servers. See {@link buildIndexParts} for `earlier`. */
export function buildToolIndex(servers: readonly ListedServer[], earlier?: ToolIndex): ToolIndex {
  return toToolIndex(buildIndexParts(servers, earlier), servers)
}

/**
 * Does the work of building an index: reads, splits, counts and weighs the words of every tool. Of servers that an earlier index has, the
 * same objects, nothing is read again: their words are copied from it. It comes to the same.
 */
export function buildIndexParts(servers: readonly ListedServer[], earlier?: ToolIndex): IndexParts {
  const table = new TextTable(earlier && { text: earlier.text, terms: [...earlier.terms.keys()] })
  const firstPlaces = new Map(earlier?.tools.map(({ server }, place) => [server, place] as const).toReversed())
  const tools = servers.flatMap((server) => {
    const place = firstPlaces.get(server)
    return earlier && place !== undefined ? copyServer(table, earlier, place) : readServer(table, server)
  })
  const { terms } = table
  const text = table.finish()
  const postings = buildPostings(text, terms.size)
  return {
    compactNames: tools.map(({ compactName }) => compactName),
    compactIds: tools.map(({ compactId }) => compactId),
    terms: [...terms.keys()],
    synonyms: knownSynonyms(terms),
    idf: inverseFrequencies(postings, terms.size, tools.length),
    postings,
    text,
  }
}

/** See {@link IndexedTool}. */
type CompactNames = Pick<IndexedTool, 'compactName' | 'compactId'>

function readServer(table: TextTable, server: ListedServer): CompactNames[] {
  const shared = table.addShared(serverTexts(server))
  return server.tools.map((tool) => {
    table.addTool(toolTexts(tool), shared)
    return { compactName: compact(tool.name), compactId: compact(idOf(server, tool)) }
  })
}

function copyServer(table: TextTable, { tools }: ToolIndex, first: number): CompactNames[] {
  const server = tools[first]?.server
  const shared = table.copyShared(first, SERVER_FIELDS)
  return tools.slice(first, first + (server?.tools.length ?? 0)).map((tool, place) => {
    table.copyTool(first + place, shared)
    return tool
  })
}

/** The index of the tools from which its parts were built. */
export function toToolIndex(parts: IndexParts, servers: readonly ListedServer[]): ToolIndex {
  const { compactNames, compactIds, terms, synonyms, idf, postings, text } = parts
  const tools: IndexedTool[] = []
  for (const server of servers) {
    for (const tool of server.tools) {
      const { [tools.length]: compactName = '' } = compactNames
      const { [tools.length]: compactId = '' } = compactIds
      tools.push({ id: idOf(server, tool), server, tool, compactName, compactId })
    }
  }
  const numbers = new Map(terms.map((term, number) => [term, number]))
  return {
    tools,
    terms: numbers,
    synonyms: new Map(synonyms),
    idf,
    postings,
    text,
    spelling: new Spelling(terms),
    beginnings: new NameBeginnings(tools),
    named: byName(tools),
  }
}

/** How telling a term is that `matching` of `total` tools have: Robertson and Spärck Jones' weight, made positive as in Lucene. */
export function inverseFrequency(matching: number, total: number): number {
  return Math.log(1 + (total - matching + 0.5) / (matching + 0.5))
}

function inverseFrequencies({ offsets }: Postings, termCount: number, toolCount: number): Float32Array {
  return Float32Array.from({ length: termCount }, (_, term) =>
    inverseFrequency(at(offsets, term + 1) - at(offsets, term), toolCount),
  )
}

function knownSynonyms(terms: ReadonlyMap<Term, number>): [Term, KnownSynonym[]][] {
  const known = Array.from(readThesaurus(), ([word, others]): [Term, KnownSynonym[]] => [
    word,
    others.flatMap(({ term, share }) => {
      const number = terms.get(term)
      return number === undefined ? [] : { term: number, share }
    }),
  ])
  return known.filter(([, synonyms]) => synonyms.length > 0)
}

function idOf(server: ListedServer, tool: ToolDefinition): string {
  return toItemId({ server: server.name, name: tool.name })
}

function byName(tools: readonly IndexedTool[]): Map<string, number[]> {
  const named = new Map<string, number[]>()
  tools.forEach(({ compactName, compactId }, place) => {
    for (const name of [compactName, compactId]) {
      const sharing = named.get(name)
      if (sharing === undefined) named.set(name, [place])
      else if (sharing.at(-1) !== place) sharing.push(place)
    }
  })
  return named
}
