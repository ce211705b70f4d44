import { alphabetOf } from './alphabet.ts'
import { isForeign } from './foreign-words.ts'
import { findNamedTools } from './named-tools.ts'
import { type Query, readQuery } from './query.ts'
import type { QueryWord, WordForm } from './query-reader.ts'
import { splitWords, toTerm } from './tokens.ts'
import { FIELDS, serverTexts, toolTexts } from './tool-fields.ts'
import type { IndexedTool, ToolIndex } from './tool-index.ts'

/**
 * Says why tools were found, each by its place in the index: one line per field that matches, for people to read. A word of the tool that
 * is not the one asked for has that behind it: `name: list, directory (for "folder"), weather (misspelt "wether")`.
 */
export function createReasons(index: ToolIndex, query: string): (tool: number) => string[] {
  const named = findNamedTools(index, query)
  const notes = notesOf(readQuery(index, query))
  return (place) => {
    const { tool, server } = index.tools[place] as IndexedTool
    const texts = { ...toolTexts(tool), ...serverTexts(server) }
    const explain = (word: string) => {
      const note = notes.get(index.terms.get(toTerm(word) ?? '') ?? -1)
      return note === undefined ? [] : [`${word}${note}`]
    }
    const lines = named.filter(({ tools }) => tools.includes(place)).map(toNameLine)
    for (const field of FIELDS) {
      const words = new Set(splitWords(texts[field]).flatMap(explain))
      if (words.size > 0) lines.push(`${field}: ${[...words].join(', ')}`)
    }
    return lines
  }
}

// What to say behind a word of a tool, by its term: nothing where it was asked for itself.
function notesOf({ whole, written }: Query): Map<number, string> {
  const notes = new Map<number, string>()
  for (const word of whole.words) {
    for (const form of word.forms) {
      const note = noteOf(form, word, written.get(word.word))
      if (note === '' || !notes.has(form.term)) notes.set(form.term, note)
    }
  }
  return notes
}

function noteOf({ kind }: WordForm, { word }: QueryWord, written: string | undefined): string {
  if (kind === 'meant') return ` (misspelt "${word}")`
  if (written !== undefined)
    return alphabetOf(written).unspaced === undefined ? ` (for "${written}")` : translates(written)
  if (kind !== 'related') return ''
  return isForeign(word) ? translates(word) : ` (for "${word}")`
}

function translates(word: string): string {
  return ` (translates "${word}")`
}

function toNameLine({ exact }: { exact: boolean }): string {
  return exact ? 'named in the query' : 'its name begins with the query'
}
