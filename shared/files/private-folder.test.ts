import { chmod, mkdir, mkdtempDisposable, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensurePrivateFolder } from './private-folder.ts'

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'private-folder-'))

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

describe('ensurePrivateFolder', () => {
  it('makes the folder and its parents, closed to others', async () => {
    await using base = await temporaryFolder()
    const folder = join(base.path, 'cache', 'pilotlight')
    ensurePrivateFolder(folder)
    expect(await modeOf(folder)).toBe(0o700)
    expect(await modeOf(join(base.path, 'cache'))).toBe(0o700)
  })

  it.runIf(process.platform === 'linux')(
    'fails at once where a folder takes no other and says that there is none',
    () => {
      const failure = {
        code: 'invalid_configuration',
        message: expect.stringMatching(/^The folder \/proc\/none\/a is not usable: ENOENT/),
      }
      expect(() => ensurePrivateFolder('/proc/none/a')).toThrow(expect.objectContaining(failure))
    },
  )

  it('takes a private folder as it is', async () => {
    await using base = await temporaryFolder()
    ensurePrivateFolder(base.path)
    expect(await modeOf(base.path)).toBe(0o700)
  })

  it('closes a folder that others can read', async () => {
    await using base = await temporaryFolder()
    await chmod(base.path, 0o775)
    ensurePrivateFolder(base.path)
    expect(await modeOf(base.path)).toBe(0o700)
  })

  it.each([0o777, 0o1777])('refuses a folder that everybody can write to (%o) and leaves it alone', async (mode) => {
    await using base = await temporaryFolder()
    await chmod(base.path, mode)
    expect(() => ensurePrivateFolder(base.path)).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: `The folder ${base.path} is not usable: every user can write to it. Run "chmod 700" on it.`,
      }),
    )
    expect(await modeOf(base.path)).toBe(0o777)
  })

  it('refuses a symbolic link, even to a private folder', async () => {
    await using base = await temporaryFolder()
    const target = join(base.path, 'target')
    const link = join(base.path, 'link')
    await mkdir(target, { mode: 0o700 })
    await symlink(target, link)
    expect(() => ensurePrivateFolder(link)).toThrow(`${link} is not usable: it is a symbolic link`)
  })

  it('refuses a file in its place', async () => {
    await using base = await temporaryFolder()
    const file = join(base.path, 'file')
    await writeFile(file, '')
    expect(() => ensurePrivateFolder(file)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
    expect(() => ensurePrivateFolder(join(file, 'below'))).toThrow(`The folder ${file}/below is not usable`)
  })

  it.runIf(process.getuid?.() === 0)('refuses a folder of another user', async () => {
    await using base = await temporaryFolder()
    const { chown } = await import('node:fs/promises')
    await chown(base.path, 12_345, 12_345)
    expect(() => ensurePrivateFolder(base.path)).toThrow('it belongs to user 12345, not to 0')
  })
})
