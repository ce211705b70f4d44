import { execFile } from 'node:child_process'
import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readVariablesFile } from './variables-file.ts'

async function variablesFile(text: string, mode = 0o600) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'variables-file-'))
  const path = join(folder.path, 'env')
  await writeFile(path, text)
  await chmod(path, mode)
  return { path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('readVariablesFile', () => {
  it('reads names and values, quoted or not, and leaves comments out', async () => {
    await using file = await variablesFile('# secrets\nA=one\nB="two words"\n\nexport C=\'three\'\nEMPTY=\n')
    expect(readVariablesFile(file.path)).toEqual({ A: 'one', B: 'two words', C: 'three', EMPTY: '' })
  })

  it('has no variables without a file', async () => {
    expect(readVariablesFile('/nowhere/env')).toEqual({})
  })

  it('refuses what is not a file, and waits for none that writes to a pipe', async () => {
    await using file = await variablesFile('')
    await promisify(execFile)('mkfifo', ['-m', '600', `${file.path}.pipe`])
    for (const path of [`${file.path}.pipe`, dirname(file.path)])
      expect(() => readVariablesFile(path)).toThrow(`${path} is not usable: it is not a file.`)
  })

  it.each([0o640, 0o604, 0o620, 0o644])('refuses a file with the permissions %o', async (mode) => {
    await using file = await variablesFile('A=one', mode)
    expect(() => readVariablesFile(file.path)).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: `The file of variables ${file.path} is not usable: others can read it. Run "chmod 600 ${file.path}".`,
      }),
    )
  })

  it('takes a file that its owner may only read', async () => {
    await using file = await variablesFile('A=one', 0o400)
    expect(readVariablesFile(file.path)).toEqual({ A: 'one' })
  })
})
