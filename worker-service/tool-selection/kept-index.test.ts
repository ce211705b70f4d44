import { chmod, mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SAMPLE_SERVERS, sampleServer, sampleTool, watchedServer } from '../../test/fixtures/sample-servers.ts'
import { createFixedCatalog } from '../../test/support/fixed-catalog.ts'
import type { ListedServer } from '../tool-catalog/tool-catalog.ts'
import { buildToolIndex } from './index/tool-index.ts'
import { KeptIndex } from './kept-index.ts'

const CATALOG = createFixedCatalog(SAMPLE_SERVERS)
const INDEX = buildToolIndex(SAMPLE_SERVERS)
const OTHER_SERVERS = [sampleServer('other', [sampleTool('other_tool', 'Does something else')])]

async function setUp() {
  const base = await mkdtempDisposable(join(tmpdir(), 'kept-index-'))
  const folder = join(base.path, 'cache', 'index')
  const path = join(folder, 'a.bin')
  const warnings: string[] = []
  const open = () => new KeptIndex({ path, warn: (message) => warnings.push(message) })
  const keep = async (catalog = CATALOG) => {
    await using index = open()
    return index.of(catalog)
  }
  return { folder, path, warnings, open, keep, [Symbol.asyncDispose]: () => base[Symbol.asyncDispose]() }
}

describe('a kept index', () => {
  it('is built and kept where there is none, in a file that only its owner can read', async () => {
    await using set = await setUp()
    expect(await set.keep()).toEqual(INDEX)
    expect(await readdir(set.folder)).toEqual(['a.bin'])
    expect((await stat(set.path)).mode & 0o777).toBe(0o600)
    expect((await stat(set.folder)).mode & 0o777).toBe(0o700)
    expect(set.warnings).toEqual([])
  })

  it('is read where it is of the same catalogue, and not written again', async () => {
    await using set = await setUp()
    await set.keep()
    const { ino } = await stat(set.path)
    // Tools that share the catalogue's fingerprint, so that what they are found by shows where it came from.
    const servers = SAMPLE_SERVERS.map((server) => ({ ...server, title: 'unheard' }))
    const { terms } = await set.keep(createFixedCatalog(servers))
    expect(terms).toEqual(INDEX.terms)
    expect((await stat(set.path)).ino).toBe(ino)
  })

  it('is replaced where the catalogue has changed', async () => {
    await using set = await setUp()
    await set.keep()
    const other = createFixedCatalog(OTHER_SERVERS, { fingerprint: 'other' })
    expect(await set.keep(other)).toEqual(buildToolIndex(OTHER_SERVERS))
    const { ino } = await stat(set.path)
    await set.keep(other)
    expect((await stat(set.path)).ino).toBe(ino)
  })

  it('is made of itself where the catalogue changes, but for the servers that did', async () => {
    await using set = await setUp()
    await using kept = set.open()
    const { server, reads } = watchedServer(SAMPLE_SERVERS[0] as ListedServer)
    kept.of(createFixedCatalog([server], { fingerprint: 'one' }))
    const { count } = reads
    const both = [server, ...OTHER_SERVERS]
    expect(kept.of(createFixedCatalog(both, { fingerprint: 'both' }))).toEqual(buildToolIndex(both))
    expect([count, reads.count]).toEqual([server.tools.length, 2 * server.tools.length])
  })

  it.each([
    ['empty', Buffer.alloc(0)],
    ['of something else', Buffer.from('{"tools":[]}')],
    ['all zeroes', Buffer.alloc(10_000)],
  ])('is built anew and replaced, without a word, where the file is %s', async (_, bytes) => {
    await using set = await setUp()
    await set.keep()
    const good = await readFile(set.path)
    await writeFile(set.path, bytes)
    expect(await set.keep()).toEqual(INDEX)
    expect((await readFile(set.path)).equals(good)).toBe(true)
    expect(set.warnings).toEqual([])
  })

  it('is neither read from nor kept in a folder that others can write to, and says so', async () => {
    await using set = await setUp()
    await set.keep()
    const { ino } = await stat(set.path)
    await chmod(set.folder, 0o777)
    expect(await set.keep()).toEqual(INDEX)
    expect((await stat(set.path)).ino).toBe(ino)
    expect(set.warnings).toEqual([expect.stringContaining(`The index of tools is not kept: The folder ${set.folder}`)])
  })

  it('is whole at any moment, however many keep theirs at once', async () => {
    await using set = await setUp()
    const all = await Promise.all(Array.from({ length: 20 }, () => set.keep()))
    for (const index of all) expect(index).toEqual(INDEX)
    expect(await readdir(set.folder)).toEqual(['a.bin'])
  })
})
