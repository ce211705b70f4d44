import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readEnvironment } from '../environment.ts'
import { readWorkerToken } from './worker-token.ts'

describe('readWorkerToken', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'token-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const read = (variables: Record<string, string> = {}) =>
    readWorkerToken(readEnvironment({ PILOTLIGHT_TOKEN_FILE: join(folder, 'token'), ...variables }).worker)

  it('prefers the given token', () => {
    writeFileSync(join(folder, 'token'), 'from-file\n')
    expect(read({ PILOTLIGHT_TOKEN: 'given' })).toBe('given')
  })

  it('reads the file, without its newline', () => {
    writeFileSync(join(folder, 'token'), 'from-file\n')
    expect(read()).toBe('from-file')
  })

  it('reads the file anew each time', () => {
    writeFileSync(join(folder, 'token'), 'one')
    expect(read()).toBe('one')
    writeFileSync(join(folder, 'token'), 'two')
    expect(read()).toBe('two')
  })

  it.each([
    ['no file', undefined],
    ['an empty file', '\n'],
    ['what cannot stand in a header', 'a\nb'],
  ])('has none for %s', (_, text) => {
    if (text !== undefined) writeFileSync(join(folder, 'token'), text)
    expect(read()).toBeUndefined()
  })
})
