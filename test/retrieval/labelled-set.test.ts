import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSets } from './labelled-set.ts'

const TOOL = { id: 'a', name: 'a', description: 'A', inputSchema: {}, server: 's', serverTitle: 'S' }
const QUERY = { id: 'q', query: 'do a', relevant: ['a'] }

async function readFrom(tools: readonly unknown[], queries: readonly unknown[]) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'labelled-set-'))
  await mkdir(join(folder.path, 'set'))
  await writeFile(join(folder.path, 'set/tools.jsonl'), toLines(tools))
  await writeFile(join(folder.path, 'set/queries.jsonl'), toLines(queries))
  return await readSets(folder.path)
}

function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('')
}

describe('readSets', () => {
  it('groups tools by their server and keeps their own ids in that order', async () => {
    const tools = [TOOL, { ...TOOL, id: 'b', name: 'b', server: 'other' }, { ...TOOL, id: 'c', name: 'c' }]
    const [set] = await readFrom(tools, [QUERY])
    expect(set?.name).toBe('set')
    expect(set?.servers.map((server) => [server.name, server.title, server.tools.length])).toEqual([
      ['s', 'S', 2],
      ['other', 'S', 1],
    ])
    expect(set?.toolIds).toEqual(['a', 'c', 'b'])
  })

  it('takes every relevant tool for a group of its own where there are no groups', async () => {
    const queries = [QUERY, { ...QUERY, id: 'r', groups: [['a']] }, { ...QUERY, id: 's', relevant: [] }]
    const [set] = await readFrom([TOOL], queries)
    expect(set?.queries.map(({ groups }) => groups)).toEqual([[['a']], [['a']], []])
  })

  it('halves queries by their id alone, about evenly, unless the file says which half they are of', async () => {
    const ids = Array.from({ length: 1_000 }, (_, i) => ({ ...QUERY, id: `set-${i}` }))
    const [set] = await readFrom([TOOL], ids)
    const [later] = await readFrom([TOOL], ids.slice(500))
    expect(later?.queries.map(({ half }) => half)).toEqual(set?.queries.slice(500).map(({ half }) => half))
    const tuned = set?.queries.filter(({ half }) => half === 'tuned').length ?? 0
    expect(tuned).toBeGreaterThan(400)
    expect(tuned).toBeLessThan(600)
    const [told] = await readFrom(
      [TOOL],
      [
        { ...QUERY, half: 'dev' },
        { ...QUERY, half: 'test' },
      ],
    )
    expect(told?.queries.map(({ half }) => half)).toEqual(['tuned', 'held out'])
  })

  it.each([
    ['a line that is no JSON', [TOOL, '{'], [QUERY], /tools\.jsonl:2: /],
    ['a tool without a name', [{ id: 'a' }], [QUERY], /tools\.jsonl:1: [^]*name/],
    ['a query without labels', [TOOL], [{ id: 'q', query: 'x' }], /queries\.jsonl:1: [^]*relevant/],
    ['a label that is no tool', [TOOL], [{ ...QUERY, relevant: ['z'] }], /q wants z, which tools\.jsonl has not/],
  ])('names the place of %s', async (_, tools, queries, message) => {
    await expect(readFrom(tools, queries)).rejects.toThrow(message)
  })

  it('says what it looked for where a folder holds no set', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'labelled-set-'))
    await expect(readSets(folder.path)).rejects.toThrow('holds no labelled set')
  })
})
