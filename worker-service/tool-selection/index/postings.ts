import { FIELD_WEIGHTS, type FieldSetting, SATURATION } from './field-weights.ts'
import { type FieldWords, spanOf } from './text-table.ts'
import { FIELDS } from './tool-fields.ts'
import { at } from './typed-arrays.ts'

/** For each term the tools that have it, ascending, and how strongly (0..1): the slice from `offsets[term]` to `offsets[term + 1]`. */
export interface Postings {
  offsets: Uint32Array
  tools: Uint32Array
  strengths: Float32Array
}

/**
 * Weighs every term of every tool as BM25F does: its occurrences in all fields, each weighted and held against the field's length, are
 * added up first and saturated together (Robertson, Zaragoza and Taylor, 2004). All of it that does not depend on a query is done here.
 */
export function buildPostings(text: FieldWords, termCount: number): Postings {
  const toolCount = text.starts.length / FIELDS.length
  const offsets = new Uint32Array(termCount + 1)
  countTools(text, offsets)
  for (let term = 0; term < termCount; term++) offsets[term + 1] = at(offsets, term) + at(offsets, term + 1)

  const ends = offsets.slice()
  const tools = new Uint32Array(at(offsets, termCount))
  const strengths = new Float32Array(tools.length)
  const weigher = new ToolWeigher(text, termCount)
  for (let tool = 0; tool < toolCount; tool++) {
    weigher.weigh(tool, (term, evidence) => {
      const end = at(ends, term)
      tools[end] = tool
      strengths[end] = evidence / (SATURATION + evidence)
      ends[term] = end + 1
    })
  }
  return { offsets, tools, strengths }
}

// How many tools have each term, one place behind the term's own, so that summing them up gives where its slice begins.
function countTools({ words, starts, ends }: FieldWords, counts: Uint32Array): void {
  const lastTool = new Uint32Array(counts.length)
  for (let slot = 0; slot < starts.length; slot++) {
    const tool = Math.floor(slot / FIELDS.length) + 1
    for (let i = at(starts, slot); i < at(ends, slot); i++) {
      const behind = at(words, i) + 1
      if (at(lastTool, behind) !== tool) counts[behind] = at(counts, behind) + 1
      lastTool[behind] = tool
    }
  }
}

type MeasuredField = FieldSetting & { averageLength: number }

// Scratch space as long as the vocabulary, used for one tool after the other and left empty each time.
class ToolWeigher {
  readonly #text: FieldWords
  readonly #fields: MeasuredField[]
  readonly #evidence: Float64Array
  readonly #repeats: Uint8Array

  constructor(text: FieldWords, termCount: number) {
    this.#text = text
    this.#fields = FIELDS.map((name, field) => ({ ...FIELD_WEIGHTS[name], averageLength: meanLength(text, field) }))
    this.#evidence = new Float64Array(termCount)
    this.#repeats = new Uint8Array(termCount)
  }

  weigh(tool: number, each: (term: number, evidence: number) => void): void {
    const met: number[] = []
    for (let field = 0; field < FIELDS.length; field++) this.#addField(tool, field, met)
    for (const term of met) {
      each(term, at(this.#evidence, term))
      this.#evidence[term] = 0
    }
  }

  #addField(tool: number, field: number, met: number[]): void {
    const { words } = this.#text
    const [start, end] = spanOf(this.#text, tool, field)
    if (start === end) return
    const { weight, b, repeats: most, averageLength } = this.#fields[field] as MeasuredField
    const share = weight / (1 - b + (b * (end - start)) / averageLength)
    for (let i = start; i < end; i++) {
      const term = at(words, i)
      if (at(this.#evidence, term) === 0) met.push(term)
      const repeats = at(this.#repeats, term)
      if (repeats === most) continue
      this.#repeats[term] = repeats + 1
      this.#evidence[term] = at(this.#evidence, term) + share
    }
    for (let i = start; i < end; i++) this.#repeats[at(words, i)] = 0
  }
}

function meanLength({ starts, ends }: FieldWords, field: number): number {
  let total = 0
  for (let i = field; i < starts.length; i += FIELDS.length) total += at(ends, i) - at(starts, i)
  return total / (starts.length / FIELDS.length)
}
