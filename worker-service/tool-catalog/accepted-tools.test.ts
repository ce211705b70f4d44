import { chmod, mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { AcceptedToolsFolder } from './accepted-tools.ts'

const SERVER = fixtureServer('a', { env: { TOKEN: 's3cret' } })
const TOOLS = new Map([
  ['x', 'digest of x'],
  ['__proto__', 'digest of another'],
])

async function openFolder() {
  const base = await mkdtempDisposable(join(tmpdir(), 'accepted-'))
  const path = join(base.path, 'state', 'accepted-tools')
  const warnings: string[] = []
  const folder = new AcceptedToolsFolder(path, (message) => warnings.push(message))
  return { path, folder, warnings, [Symbol.asyncDispose]: () => base[Symbol.asyncDispose]() }
}

describe('what was accepted', () => {
  it('is kept for a server as it is run, in a file that only its owner can read', async () => {
    await using opened = await openFolder()
    expect(opened.folder.read(SERVER)).toBeUndefined()
    await opened.folder.write(SERVER, TOOLS)
    const next = new AcceptedToolsFolder(opened.path, () => {})
    expect(next.read(SERVER)).toEqual(TOOLS)
    expect(next.read(fixtureServer('a', { args: ['--other'] }))).toBeUndefined()
    const [file = ''] = await readdir(opened.path)
    expect((await stat(join(opened.path, file))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(opened.path, file), 'utf8')).not.toContain('s3cret')
    expect(opened.warnings).toEqual([])
  })

  it.each(['', 'null', '{"format":2,"tools":{}}', '{"format":1}', '{"format":1,"tools":{"x":1}}'])(
    'is nothing at all where its file is %j, which is said',
    async (content) => {
      await using opened = await openFolder()
      await opened.folder.write(SERVER, TOOLS)
      const [file = ''] = await readdir(opened.path)
      await writeFile(join(opened.path, file), content)
      expect(opened.folder.read(SERVER)).toEqual(new Map())
      expect(opened.warnings).toEqual([expect.stringContaining('so no tool of a counts as accepted')])
    },
  )

  it('is not kept in a folder that others can write to, which is said', async () => {
    await using opened = await openFolder()
    await opened.folder.write(SERVER, TOOLS)
    await chmod(opened.path, 0o777)
    await opened.folder.write(SERVER, new Map())
    expect(opened.folder.read(SERVER)).toEqual(TOOLS)
    expect(opened.warnings).toEqual([expect.stringContaining('Which tools of a were accepted is not kept')])
  })
})
