import { mkdtempDisposable, readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { writeCatalogSummary } from './catalog-summary.ts'
import { LiveCatalog } from './live-catalog.ts'

describe('writeCatalogSummary', () => {
  it('leaves the number of tools and the names of servers, and writes only news', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'summary-'))
    const path = join(folder.path, 'catalog-summary.json')
    const catalog = new LiveCatalog(['a', 'b', 'c'])
    const inputSchema = {}
    const told = { title: undefined, description: undefined, fingerprint: 'f' }
    catalog.accept(fixtureServer('b'), {
      ...told,
      tools: [
        { name: 'x', inputSchema },
        { name: 'y', inputSchema },
      ],
    })
    catalog.accept(fixtureServer('a'), { ...told, tools: [{ name: 'z', inputSchema }] })
    await writeCatalogSummary(folder.path, catalog)
    expect(await readFile(path, 'utf8')).toBe('{"tools":3,"servers":["a","b"]}\n')

    const { ino } = await stat(path)
    await writeCatalogSummary(folder.path, catalog)
    expect((await stat(path)).ino).toBe(ino)
    expect(await readdir(folder.path)).toEqual(['catalog-summary.json'])
  })
})
