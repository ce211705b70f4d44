import { mkdtempDisposable, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RotatedLog } from './rotated-log.ts'

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'rotated-log-'))

describe('RotatedLog', () => {
  it('writes nothing, not even a file, where nothing is said', async () => {
    await using folder = await temporaryFolder()
    await new RotatedLog({ path: join(folder.path, 'a.log') })[Symbol.asyncDispose]()
    expect(await readdir(folder.path)).toEqual([])
  })

  it('adds to what is there, readable by its owner alone', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'logs', 'a.log')
    for (const line of ['one', 'grün']) {
      await using log = new RotatedLog({ path })
      expect(log.write(line)).toBe(true)
    }
    expect(await readFile(path, 'utf8')).toBe('one\ngrün\n')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder.path, 'logs'))).mode & 0o777).toBe(0o700)
  })

  it('keeps the newest lines, whole, in files of bounded size and number', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'a.log')
    {
      await using log = new RotatedLog({ path, maxBytes: 100, maxFiles: 3 })
      for (let i = 0; i < 200; i++) log.write(`line ${String(i).padStart(3, '0')}`)
    }
    expect((await readdir(folder.path)).toSorted()).toEqual(['a.log', 'a.log.1', 'a.log.2'])
    const texts = await Promise.all(
      ['a.log.2', 'a.log.1', 'a.log'].map((name) => readFile(join(folder.path, name), 'utf8')),
    )
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(100)
    const lines = texts.join('').trimEnd().split('\n')
    const expected = Array.from({ length: lines.length }, (_, i) => `line ${200 - lines.length + i}`)
    expect(lines).toEqual(expected)
  })

  it('keeps a line that is longer than a file may be in a file of its own', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'a.log')
    {
      await using log = new RotatedLog({ path, maxBytes: 10 })
      for (const line of ['short', 'x'.repeat(50), 'end']) log.write(line)
    }
    expect(await readFile(`${path}.2`, 'utf8')).toBe('short\n')
    expect(await readFile(`${path}.1`, 'utf8')).toBe(`${'x'.repeat(50)}\n`)
    expect(await readFile(path, 'utf8')).toBe('end\n')
  })

  it('leaves out what the disk does not take in time', async () => {
    await using folder = await temporaryFolder()
    await using log = new RotatedLog({ path: join(folder.path, 'a.log') })
    const taken = Array.from({ length: 4 }, () => log.write('x'.repeat(500_000)))
    expect(taken).toEqual([true, true, true, false])
  })

  it('never fails, nor writes through a link', async () => {
    await using folder = await temporaryFolder()
    const target = join(folder.path, 'target')
    await writeFile(target, 'precious')
    await symlink(target, join(folder.path, 'link.log'))
    for (const name of ['link.log', 'target/below.log']) {
      await using log = new RotatedLog({ path: join(folder.path, name) })
      log.write('line')
    }
    expect(await readFile(target, 'utf8')).toBe('precious')
  })
})
