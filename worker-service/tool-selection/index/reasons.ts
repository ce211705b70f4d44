import { findNamedTools } from './named-tools.ts'
import { readQuery } from './query.ts'
import { splitWords, toTerm } from './tokens.ts'
import { FIELDS, serverTexts, toolTexts } from './tool-fields.ts'
import type { IndexedTool, ToolIndex } from './tool-index.ts'

/** Says why tools were found, each by its place in the index: one line per field that matches ("name: read, file"), for people to read. */
export function createReasons(index: ToolIndex, query: string): (tool: number) => string[] {
  const named = findNamedTools(index, query)
  const asked = new Set<number>()
  for (const { forms } of readQuery(index, query).whole.words) for (const { term } of forms) asked.add(term)
  return (place) => {
    const { tool, server } = index.tools[place] as IndexedTool
    const texts = { ...toolTexts(tool), ...serverTexts(server) }
    const isAsked = (word: string) => asked.has(index.terms.get(toTerm(word) ?? '') ?? -1)
    const lines = named.filter(({ tools }) => tools.includes(place)).map(toNameLine)
    for (const field of FIELDS) {
      const words = new Set(splitWords(texts[field]).filter(isAsked))
      if (words.size > 0) lines.push(`${field}: ${[...words].join(', ')}`)
    }
    return lines
  }
}

function toNameLine({ exact }: { exact: boolean }): string {
  return exact ? 'named in the query' : 'its name begins with the query'
}
