import { alphabetOf } from './alphabet.ts'
import { MIN_BEGINNING_LENGTH } from './name-beginnings.ts'
import { splitClauses } from './query.ts'
import { compact, splitWords, toTerm } from './tokens.ts'
import type { IndexedTool, ToolIndex } from './tool-index.ts'

/** The tools that one name in a query means: several where servers share a tool's name. `exact` is false where the name only begins so. */
export interface NamedTools {
  exact: boolean
  tools: readonly number[]
}

const QUOTED = /[`"']([^`"'\s]+)[`"']/g

/** The tools that a query names, in the order named: by their name in any spelling, or by the beginning of it where the query is no more. */
export function findNamedTools(index: ToolIndex, query: string): NamedTools[] {
  const clauses = splitClauses(query)
  const named = new Map<string, NamedTools>()
  for (const name of [...spelledOut(index, clauses), ...clauses.flatMap(identifiersIn)]) {
    const tools = index.named.get(name)
    if (tools !== undefined) named.set(name, { exact: true, tools })
  }
  const begun = clauses.length === 1 ? findByPrefix(index, (clauses[0] ?? '').trim()) : []
  return begun.length === 0 ? [...named.values()] : [...named.values(), { exact: false, tools: begun }]
}

// "read a file, list directory": plain words are names only where the query is nothing but names, as most sentences contain one.
function spelledOut({ named }: ToolIndex, clauses: string[]): string[] {
  const names: string[] = []
  for (const clause of clauses) {
    const words = splitWords(clause)
    const spellings = [words.join(''), words.filter((word) => toTerm(word) !== undefined).join('')]
    const name = spellings.find((spelling) => named.has(spelling))
    if (name === undefined) return []
    names.push(name)
  }
  return names
}

function identifiersIn(clause: string): string[] {
  const quoted = Array.from(clause.matchAll(QUOTED), ([, name]) => name ?? '')
  const { identifier } = alphabetOf(clause)
  const joined = clause.split(/[\s()[\]{}<>]+/).filter((chunk) => identifier.test(chunk))
  return [...quoted, ...joined].map(compact)
}

function findByPrefix({ tools, terms, beginnings }: ToolIndex, query: string): number[] {
  const start = compact(query)
  if (/\s/.test(query) || start.length < MIN_BEGINNING_LENGTH) return []
  // "car" is not the beginning of `cart_add`, but `list_dir` is of `list_directory`: a known word has to be a whole one.
  const term = toTerm(start)
  if (term === undefined) return []
  const wholeWords = terms.has(term) && !alphabetOf(query).identifier.test(query)
  const form = query.includes('/') ? 'compactId' : 'compactName'
  const at = (place: number) => tools[place] as IndexedTool
  const found = beginnings.startingWith(start, form)
  return found
    .filter((place) => !wholeWords || endsWord(at(place).tool.name, start.length))
    .toSorted((a, b) => at(a)[form].length - at(b)[form].length || a - b)
}

function endsWord(name: string, length: number): boolean {
  let end = 0
  for (const word of splitWords(name)) if ((end += word.length) >= length) break
  return end === length
}
