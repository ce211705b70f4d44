import { chmod, mkdir, mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sampleServer, sampleTool } from '../../test/fixtures/sample-servers.ts'
import { NameFile } from './name-file.ts'
import { ToolNames } from './tool-names.ts'

async function inFolder(test: (path: string) => Promise<void>): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'names-'))
  await test(join(folder.path, 'names/a.json'))
}

const mail = sampleServer('mail', [sampleTool('search', 'Search')])
const files = sampleServer('files', [sampleTool('search', 'Search')])
const warn = (message: string) => expect(message).toBe('no warning')

/** The name of a tool in a process that knows these servers, one after the other. */
async function nameIn(path: string, isOwner: boolean, ...revisions: (typeof mail)[][]): Promise<string | undefined> {
  await using file = new NameFile({ path, isOwner, warn })
  const names = new ToolNames(file)
  for (const [revision, servers] of revisions.entries()) names.of({ revision, servers: () => servers })
  return names.of({ revision: revisions.length - 1, servers: () => [] }).nameOf('mail/search')
}

describe('NameFile', () => {
  it('leaves a tool its name in the next process, and in one that only reads', async () => {
    await inFolder(async (path) => {
      expect(await nameIn(path, true, [mail], [files, mail])).toBe('search')
      expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
        'mail/search': 'search',
        'files/search': 'files__search',
      })
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect(await nameIn(path, true, [files, mail])).toBe('search')
      expect(await nameIn(path, false, [files, mail])).toBe('search')
    })
  })

  it('keeps nothing where there is nothing to remember, nor for who only reads', async () => {
    await inFolder(async (path) => {
      expect(await nameIn(path, true, [files, mail])).toBe('mail__search')
      expect(await nameIn(path, false, [mail], [files, mail])).toBe('search')
      await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })

  it.each(['', '[]', '{', '{"mail/search":7}', 'null'])('reads a damaged file (%j) as an empty one', async (text) => {
    await inFolder(async (path) => {
      await mkdir(dirname(path), { mode: 0o700 })
      await writeFile(path, text, { mode: 0o600 })
      expect(await nameIn(path, false, [files, mail])).toBe('mail__search')
    })
  })

  it('says that it cannot keep names, and goes on', async () => {
    await inFolder(async (path) => {
      await mkdir(dirname(path))
      await chmod(dirname(path), 0o700)
      await mkdir(path)
      const warnings: string[] = []
      await using file = new NameFile({ path, isOwner: true, warn: (message) => warnings.push(message) })
      file.keep(() => new Map([['a/b', 'c']]))
      await file[Symbol.asyncDispose]()
      expect(warnings).toEqual([expect.stringContaining('The names of tools are not kept')])
    })
  })
})
