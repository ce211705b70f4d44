import { mkdir, mkdtempDisposable, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writePrivateFile } from './atomic-file.ts'

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'atomic-file-'))

describe('writePrivateFile', () => {
  it.each([true, false])('writes a file that only its owner can read (durable: %s)', async (durable) => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'state.json')
    await writePrivateFile(path, 'grün', { durable })
    expect(await readFile(path, 'utf8')).toBe('grün')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder.path)).toEqual(['state.json'])
  })

  it('replaces what is there, and its permissions', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'state.json')
    await writeFile(path, 'old and longer', { mode: 0o644 })
    await writePrivateFile(path, 'new')
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('replaces a symbolic link and leaves its target alone', async () => {
    await using folder = await temporaryFolder()
    const target = join(folder.path, 'target')
    const path = join(folder.path, 'state.json')
    await writeFile(target, 'precious')
    await symlink(target, path)
    await writePrivateFile(path, 'new')
    expect(await readFile(target, 'utf8')).toBe('precious')
    expect(await readFile(path, 'utf8')).toBe('new')
  })

  it('never shows a reader a part of the text, however many write at once', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'state.json')
    const texts = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(100_000))
    await writePrivateFile(path, texts[0] ?? '')
    const writes = Promise.all(texts.map((text) => writePrivateFile(path, text)))
    for (let i = 0; i < 50; i++) expect(texts).toContain(await readFile(path, 'utf8'))
    await writes
    expect(await readdir(folder.path)).toEqual(['state.json'])
  })

  it('leaves nothing behind when it fails', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'taken')
    await mkdir(path)
    await expect(writePrivateFile(path, 'text')).rejects.toThrow('EISDIR')
    await expect(writePrivateFile(join(folder.path, 'missing', 'file'), 'text')).rejects.toThrow('ENOENT')
    expect(await readdir(folder.path)).toEqual(['taken'])
  })
})
