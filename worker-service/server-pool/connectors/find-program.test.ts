import { chmod, mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findProgram } from './find-program.ts'

async function prepare(folder: string) {
  for (const name of ['first', 'second']) await mkdir(join(folder, name))
  const program = join(folder, 'second', 'tool')
  await writeFile(program, '#!/bin/sh\n')
  await chmod(program, 0o755)
  await writeFile(join(folder, 'first', 'notes'), '', { mode: 0o644 })
  return { program, path: `${join(folder, 'first')}:${join(folder, 'second')}` }
}

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'find-program-'))

describe('findProgram', () => {
  it('finds a name in the folders of PATH, in their order', async () => {
    await using folder = await temporaryFolder()
    const { program, path } = await prepare(folder.path)
    expect(await findProgram('tool', { cwd: undefined, path })).toBe(program)
    await symlink('/bin/sh', join(folder.path, 'first', 'tool'))
    expect(await findProgram('tool', { cwd: undefined, path })).toBe(join(folder.path, 'first', 'tool'))
  })

  it('finds a path from the folder that it is relative to, and where there is no PATH', async () => {
    await using folder = await temporaryFolder()
    const { program } = await prepare(folder.path)
    expect(await findProgram('./second/tool', { cwd: folder.path, path: undefined })).toBe(program)
    expect(await findProgram(program, { cwd: undefined, path: '' })).toBe(program)
    expect(await findProgram('sh', { cwd: undefined, path: undefined })).toMatch(/\/sh$/)
  })

  it('tells what is missing from what may not be run', async () => {
    await using folder = await temporaryFolder()
    const { path } = await prepare(folder.path)
    const search = { cwd: folder.path, path: `${path}:/no/such` }
    await expect(findProgram('missing', search)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(findProgram('./missing', search)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(findProgram('notes', search)).rejects.toMatchObject({ code: 'EACCES' })
    await expect(findProgram('./second', search)).rejects.toMatchObject({ code: 'EACCES' })
  })
})
