import { at } from '../index/typed-arrays.ts'

/** Vectors as a file keeps them: `keys` in the order of rows, of each row the bytes and what one of their steps is worth. */
export interface VectorRows {
  dimensions: number
  keys: readonly string[]
  bytes: Int8Array
  steps: Float32Array
}

const LARGEST_BYTE = 127
const FIRST_ROWS = 64
// About two milliseconds of work.
const PRODUCTS_AT_ONCE = 2_000_000

/**
 * Unit vectors by key, a byte for each number: a quarter of the memory, and their products differ from the exact ones by less than a
 * hundredth. A row once given to a key stays with it.
 */
export class VectorTable {
  readonly dimensions: number
  readonly #rows = new Map<string, number>()
  #bytes: Int8Array
  #steps: Float32Array

  constructor(dimensions: number, { keys, bytes, steps }: Omit<VectorRows, 'dimensions'> = NO_ROWS) {
    this.dimensions = dimensions
    this.#bytes = bytes
    this.#steps = steps
    for (const key of keys) this.#rows.set(key, this.#rows.size)
  }

  get size(): number {
    return this.#rows.size
  }

  /** Memory in bytes, without the keys. */
  get byteLength(): number {
    return this.#bytes.byteLength + this.#steps.byteLength
  }

  rowOf(key: string): number | undefined {
    return this.#rows.get(key)
  }

  /** Takes a vector of length 1. */
  add(key: string, vector: Float32Array): void {
    if (this.#rows.has(key)) return
    const row = this.#rows.size
    if (row === this.#steps.length) this.#grow()
    const { bytes, step } = toBytes(vector)
    this.#bytes.set(bytes, row * this.dimensions)
    this.#steps[row] = step
    this.#rows.set(key, row)
  }

  /** What is to be kept of it: the rows of these keys, or of all. */
  toRows(keys: readonly string[] = [...this.#rows.keys()]): VectorRows {
    const { dimensions } = this
    const bytes = new Int8Array(keys.length * dimensions)
    const steps = new Float32Array(keys.length)
    keys.forEach((key, place) => {
      const row = this.#rows.get(key) ?? 0
      bytes.set(this.#bytes.subarray(row * dimensions, (row + 1) * dimensions), place * dimensions)
      steps[place] = at(this.#steps, row)
    })
    return { dimensions, keys, bytes, steps }
  }

  /** How similar a vector of length 1 is to these rows, -1 to 1; 0 for a row below 0. Gives way to others every few milliseconds. */
  async similarities(vector: Float32Array, rows: Int32Array): Promise<Float32Array> {
    const { bytes: query, step } = toBytes(vector)
    const found = new Float32Array(rows.length)
    const atOnce = Math.ceil(PRODUCTS_AT_ONCE / this.dimensions)
    for (let start = 0; start < rows.length; start += atOnce) {
      if (start > 0) await new Promise(setImmediate)
      found.set(this.#products(query, rows.subarray(start, start + atOnce)), start)
    }
    return found.map((product) => product * step)
  }

  // Apart from what waits, whose loops V8 makes half as fast.
  #products(query: Int8Array, rows: Int32Array): Float32Array {
    const found = new Float32Array(rows.length)
    for (let place = 0; place < rows.length; place++) {
      const row = at(rows, place)
      if (row >= 0) found[place] = dot(this.#bytes, row * this.dimensions, query) * at(this.#steps, row)
    }
    return found
  }

  #grow(): void {
    const rows = Math.max(FIRST_ROWS, 2 * this.#rows.size)
    const bytes = new Int8Array(rows * this.dimensions)
    const steps = new Float32Array(rows)
    bytes.set(this.#bytes)
    steps.set(this.#steps)
    this.#bytes = bytes
    this.#steps = steps
  }
}

const NO_ROWS = { keys: [], bytes: new Int8Array(0), steps: new Float32Array(0) }

function toBytes(vector: Float32Array): { bytes: Int8Array; step: number } {
  const step = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / LARGEST_BYTE
  const bytes = new Int8Array(vector.length)
  vector.forEach((value, place) => {
    bytes[place] = Math.round(value / step)
  })
  return { bytes, step }
}

// In whole numbers, which the longest vectors there are do not make too large, and with elements read in place: by a function like `at`,
// which meets arrays of every kind, it takes four times as long.
function dot(bytes: Int8Array, start: number, query: Int8Array): number {
  let sum = 0
  for (let i = 0; i < query.length; i++) sum = (sum + Math.imul(bytes[start + i] as number, query[i] as number)) | 0
  return sum
}
