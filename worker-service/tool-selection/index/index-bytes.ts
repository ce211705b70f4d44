import { fromCopies, toCopies } from '../../../shared/files/copies.ts'
import type { IndexParts } from './tool-index.ts'

// Numbers lie in a file as they lie in memory, so that reading them is no work. Texts follow as JSON, which nothing reads faster.

/** Stands in every file. To be raised with whatever changes what an index is made of: tokens, weights, synonyms, or this layout. */
const FORMAT = 6

/** Bytes are no index that can be read: they are damaged, of another format, or something else. */
export class UnreadableIndex extends Error {
  override readonly name = 'UnreadableIndex'
}

type Texts = Pick<IndexParts, 'compactNames' | 'compactIds' | 'terms' | 'synonyms'> & { key: string }

// Also tells machines apart that lay out the bytes of a number the other way round.
const MARK = 0x504c4958
const WORD_BYTES = 4
const HEADER_WORDS = 7

/** The parts of an index as bytes. `key` says what they were built from. */
export function toIndexBytes({ idf, postings, text, ...texts }: IndexParts, key: string): Uint8Array {
  const { words, starts, ends } = text
  const { offsets, tools, strengths } = postings
  const json = toWholeWords(JSON.stringify({ key, ...texts } satisfies Texts))
  const header = [MARK, FORMAT, words.length, starts.length, idf.length, tools.length, json.length]
  return toCopies(concat([Uint32Array.from(header), words, starts, ends, offsets, idf, tools, strengths, json]))
}

/** The parts of an index from bytes, and the key they were kept under. Throws {@link UnreadableIndex}. */
export function fromIndexBytes(bytes: Uint8Array): { key: string; parts: IndexParts } {
  const whole = fromCopies(bytes)
  if (whole === undefined) throw new UnreadableIndex('it is damaged')
  const all = toWords(whole)
  const [mark, format, wordCount = 0, fieldCount = 0, termCount = 0, postingCount = 0] = all
  if (mark !== MARK || format !== FORMAT) throw new UnreadableIndex('it is of another format')
  let end = HEADER_WORDS
  const next = (length: number) => all.subarray(end, (end += length))
  const text = { words: next(wordCount), starts: next(fieldCount), ends: next(fieldCount) }
  const offsets = next(termCount + 1)
  const idf = toFloats(next(termCount))
  const postings = { offsets, tools: next(postingCount), strengths: toFloats(next(postingCount)) }
  // What it holds is our own: it was written whole.
  const { key, ...texts } = JSON.parse(toText(all.subarray(end))) as Texts
  return { key, parts: { ...texts, idf, postings, text } }
}

function toWholeWords(json: string): Uint8Array {
  const bytes = Buffer.from(json)
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & (WORD_BYTES - 1), ' ')])
}

function concat(parts: readonly (Uint8Array | Uint32Array | Float32Array)[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let end = 0
  for (const { buffer, byteOffset, byteLength } of parts) {
    whole.set(new Uint8Array(buffer, byteOffset, byteLength), end)
    end += byteLength
  }
  return whole
}

// Copied: words of memory start at multiples of four, and an index that is used for long is not to hold the memory of two.
function toWords(bytes: Uint8Array): Uint32Array {
  const { buffer, byteLength } = new Uint8Array(bytes)
  return new Uint32Array(buffer, 0, Math.floor(byteLength / WORD_BYTES))
}

function toFloats({ buffer, byteOffset, length }: Uint32Array): Float32Array {
  return new Float32Array(buffer, byteOffset, length)
}

function toText({ buffer, byteOffset, byteLength }: Uint32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString()
}
