import { describe, expect, it } from 'vitest'
import { embedNgrams } from '../../../test/fixtures/embeddings/ngram-embedder.ts'
import { VectorTable } from './vector-table.ts'

const TEXTS = ['read a file', 'write a file', 'list a folder', 'send an email', 'delete an email', 'open a page']
const DIMENSIONS = 383

function vectorOf(text: string): Float32Array {
  return Float32Array.from(embedNgrams(text, DIMENSIONS))
}

function tableOf(texts: readonly string[]): VectorTable {
  const table = new VectorTable(DIMENSIONS)
  for (const text of texts) table.add(text, vectorOf(text))
  return table
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0)
}

describe('a table of vectors', () => {
  it('tells how similar a vector is to each, next to exactly', async () => {
    const table = tableOf(TEXTS)
    const query = vectorOf('reading files')
    const found = await table.similarities(query, Int32Array.from(TEXTS.keys()))
    TEXTS.forEach((text, place) => expect(found[place]).toBeCloseTo(cosine(query, vectorOf(text)), 2))
  })

  it('gives the rows that were asked for, in that order, and nothing for one below 0', async () => {
    const table = tableOf(TEXTS)
    const rows = Int32Array.from([3, -1, 0])
    const [mail = 0, nothing, file] = await table.similarities(vectorOf('send an email'), rows)
    expect(mail).toBeCloseTo(1, 2)
    expect(nothing).toBe(0)
    expect(file).toBeLessThan(mail)
  })

  it('keeps what it has when it grows, and takes no second vector for a key', async () => {
    const texts = Array.from({ length: 300 }, (_, number) => `tool number ${number}`)
    const table = tableOf(texts)
    table.add('tool number 7', vectorOf('something else'))
    expect(table.size).toBe(300)
    const found = await table.similarities(vectorOf('tool number 7'), Int32Array.of(table.rowOf('tool number 7') ?? -1))
    expect(found[0]).toBeCloseTo(1, 2)
  })

  it('is made again of rows, of all or of some', async () => {
    const rows = tableOf(TEXTS).toRows(['open a page', 'read a file'])
    const again = new VectorTable(rows.dimensions, rows)
    expect(again.size).toBe(2)
    expect(again.rowOf('send an email')).toBeUndefined()
    again.add('send an email', vectorOf('send an email'))
    const places = ['open a page', 'read a file', 'send an email'].map((key) => again.rowOf(key) ?? -1)
    for (const [place, key] of ['open a page', 'read a file', 'send an email'].entries()) {
      const found = await again.similarities(vectorOf(key), Int32Array.from(places))
      expect(found[place]).toBeCloseTo(1, 2)
    }
  })

  it('lets others work while it compares with ten thousand rows', async () => {
    const table = new VectorTable(1_536)
    const vector = Float32Array.from(embedNgrams('a tool', 1_536))
    table.add('a tool', vector)
    let turns = 0
    const ticking = setInterval(() => turns++, 0)
    await table.similarities(vector, new Int32Array(10_000))
    clearInterval(ticking)
    expect(turns).toBeGreaterThan(1)
  })
})
