import { execFile } from 'node:child_process'
import { chmod, mkdtempDisposable, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../fingerprint.ts'

const RUN = join(import.meta.dirname, '../../test/fixtures/run-compiled.ts')
const run = promisify(execFile)

function programSaying(text: string): string {
  return `const { basename } = require('node:path')
function lazy() { return ${JSON.stringify(text)} + basename(__dirname).length + basename(__filename) }
module.exports = { main: () => lazy() }`
}

async function setUp() {
  const base = await mkdtempDisposable(join(tmpdir(), 'compiled-program-'))
  const program = join(base.path, 'program.cjs')
  const folder = join(base.path, 'cache', 'code')
  const code = join(folder, `program-${fingerprint(program)}`)
  await writeFile(program, programSaying('one '))
  return {
    program,
    folder,
    code,
    says: (text: string) => `${text}${basename(base.path).length}program.cjs`,
    start: async (...flags: string[]) => (await run(process.execPath, [...flags, RUN, program, folder])).stdout,
    startFor: async (use: string) => (await run(process.execPath, [RUN, program, folder, use])).stdout,
    inode: async () => (await stat(code)).ino,
    [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
  }
}

describe('a compiled program', () => {
  it('runs as if Node had loaded it, and leaves its code where only its owner can read it', async () => {
    await using set = await setUp()
    expect(await set.start()).toBe(set.says('one '))
    expect((await stat(set.code)).mode & 0o777).toBe(0o600)
    expect((await stat(set.folder)).mode & 0o777).toBe(0o700)
    expect(await readdir(set.folder)).toEqual([basename(set.code)])
  })

  it('holds the functions that were called, and is not written again', async () => {
    await using set = await setUp()
    await set.start()
    const inode = await set.inode()
    expect(await set.start()).toBe(set.says('one '))
    expect(await set.inode()).toBe(inode)
    expect((await readFile(set.code)).includes('one ')).toBe(true)
  })

  it('is written again when it is put to another use, and holds what both have called', async () => {
    await using set = await setUp()
    await set.start()
    const { length } = await readFile(set.code)
    const inodes = [await set.inode()]
    for (const use of ['1', '2', '1', '3']) {
      expect(await set.startFor(use)).toBe(set.says('one '))
      inodes.push(await set.inode())
    }
    expect(inodes[1]).not.toBe(inodes[0])
    expect(inodes[2]).not.toBe(inodes[1])
    expect(inodes.slice(3)).toEqual([inodes[2], inodes[2]])
    expect((await readFile(set.code)).length).toBeGreaterThanOrEqual(length)
  })

  it('is compiled anew when the program is another, be it as long as the one before', async () => {
    await using set = await setUp()
    await set.start()
    await writeFile(set.program, programSaying('two '))
    expect(await set.start()).toBe(set.says('two '))
    expect(await set.start()).toBe(set.says('two '))
  })

  it('is compiled anew where V8 is told to compile in another way', async () => {
    await using set = await setUp()
    await set.start()
    const inode = await set.inode()
    expect(await set.start('--no-lazy')).toBe(set.says('one '))
    expect(await set.inode()).not.toBe(inode)
  })

  it('is compiled anew and replaced when its code is damaged anywhere', async () => {
    await using set = await setUp()
    await set.start()
    const { length } = await readFile(set.code)
    for (let place = 0; place < length; place += Math.floor(length / 8)) {
      const bytes = await readFile(set.code)
      bytes[place] = (bytes[place] ?? 0) ^ 0x40
      await writeFile(set.code, bytes)
      expect(await set.start()).toBe(set.says('one '))
      expect((await readFile(set.code)).equals(bytes)).toBe(false)
    }
  })

  it.each([0, 10, 16, 1_001])('is compiled anew when its code was cut to %i bytes', async (length) => {
    await using set = await setUp()
    await set.start()
    await truncate(set.code, length)
    expect(await set.start()).toBe(set.says('one '))
    expect((await stat(set.code)).size).toBeGreaterThan(length)
  })

  it('runs without its code where that would lie in a folder others can write to', async () => {
    await using set = await setUp()
    await set.start()
    const inode = await set.inode()
    await chmod(set.folder, 0o777)
    await writeFile(set.program, programSaying('two '))
    expect(await set.start()).toBe(set.says('two '))
    expect(await set.inode()).toBe(inode)
  })

  it('says which file a mistake in it is in', async () => {
    await using set = await setUp()
    await writeFile(set.program, '\nmodule.exports = { main() { throw new Error("broken") } }')
    await expect(set.start()).rejects.toThrow(`${set.program}:2:`)
  })
})
