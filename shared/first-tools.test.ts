import { mkdtempDisposable, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  createFirstToolsReader,
  type FirstToolsSource,
  forgetFirstTools,
  readFirstTools,
  writeFirstTools,
} from './first-tools.ts'

const LIST = '{"tools":[{"name":"é\\n"}]}'

/** A folder with a configuration, of which a list is kept. */
async function keptList() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'first-tools-'))
  const configPath = join(folder.path, 'mcp.json')
  await writeFile(configPath, '{}')
  const source: FirstToolsSource = {
    configPath,
    configAlternatives: [join(folder.path, 'mcp.yaml')],
    variablesPath: join(folder.path, 'env'),
    findTools: { maxLimit: 25, mode: 'auto', processTimeoutMs: 1 },
    folders: { cache: join(folder.path, 'cache'), state: folder.path, runtime: folder.path },
  }
  await writeFirstTools(source, LIST)
  const [name = ''] = await readdir(join(source.folders.cache, 'first-tools'))
  const path = join(source.folders.cache, 'first-tools', name)
  return { source, path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('the first list of tools', () => {
  it('is read as it was written, and written only where it is another', async () => {
    await using kept = await keptList()
    expect(readFirstTools(kept.source)).toBe(LIST)
    const { ino } = await stat(kept.path)
    await writeFirstTools(kept.source, LIST)
    expect((await stat(kept.path)).ino).toBe(ino)
    await writeFirstTools(kept.source, '{"tools":[]}')
    expect(readFirstTools(kept.source)).toBe('{"tools":[]}')
    expect(await readdir(dirname(kept.path))).toHaveLength(1)
  })

  it.each([
    ['is edited', ({ configPath }: FirstToolsSource) => writeFile(configPath, '{"mcpServers":{}}')],
    [
      'is another file',
      async ({ configPath }: FirstToolsSource) => {
        await writeFile(`${configPath}.new`, '{}')
        await rename(`${configPath}.new`, configPath)
      },
    ],
    ['is in another file', ({ configAlternatives: [path = ''] }: FirstToolsSource) => writeFile(path, '{}')],
    ['has other variables', ({ variablesPath }: FirstToolsSource) => writeFile(variablesPath, 'A=1')],
  ])('is not known any more once the configuration %s', async (_, change) => {
    await using kept = await keptList()
    await change(kept.source)
    expect(readFirstTools(kept.source)).toBeUndefined()
  })

  it('is read anew by who asks again, only where it may be another', async () => {
    await using kept = await keptList()
    const { source } = kept
    const read = createFirstToolsReader(source)
    const list = read()
    expect(list?.toString()).toBe(LIST)
    expect(read()).toBe(list)
    await writeFirstTools(source, '{"tools":[]}')
    expect(read()?.toString()).toBe('{"tools":[]}')
    await writeFile(source.variablesPath, 'A=1')
    expect(read()).toBeUndefined()
    await writeFirstTools(source, LIST)
    expect(read()).toEqual(list)
    forgetFirstTools(source)
    expect(read()).toBeUndefined()
  })

  it('is not known where it cannot be looked at', async () => {
    await using kept = await keptList()
    const cache = join(dirname(kept.source.configPath), 'loop')
    await symlink(cache, cache)
    const source = { ...kept.source, folders: { ...kept.source.folders, cache } }
    expect([readFirstTools(source), createFirstToolsReader(source)()]).toEqual([undefined, undefined])
  })

  it('is not known to who would list it otherwise, nor to another configuration', async () => {
    await using kept = await keptList()
    const { source } = kept
    expect(readFirstTools({ ...source, findTools: { ...source.findTools, maxLimit: 5 } })).toBeUndefined()
    expect(readFirstTools({ ...source, configPath: `${source.configPath}.other` })).toBeUndefined()
  })

  it.each(['', 'no line', '[]\n{}\n'])('is not known where its file holds %j', async (text) => {
    await using kept = await keptList()
    await writeFile(kept.path, text)
    expect(readFirstTools(kept.source)).toBeUndefined()
  })

  it('is forgotten, once or twice', async () => {
    await using kept = await keptList()
    for (let time = 0; time < 2; time++) forgetFirstTools(kept.source)
    expect(readFirstTools(kept.source)).toBeUndefined()
  })
})
