import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { generateGrpc } from './generate-grpc.ts'

const GRPC = join(import.meta.dirname, '../worker-service/grpc')

function generatedIn(folder: string): Record<string, string> {
  const paths = globSync('generated/**/*.ts', { cwd: folder }).toSorted()
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
}

describe('the protocol files of gRPC', () => {
  it('make the code that is checked in', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'generated-'))
    await generateGrpc(folder.path)
    const made = generatedIn(folder.path)
    expect(Object.keys(made).length).toBeGreaterThan(4)
    expect(made).toEqual(generatedIn(GRPC))
  })

  it('follow the rules of buf', async () => {
    const buf = join(import.meta.dirname, '../node_modules/.bin/buf')
    expect((await promisify(execFile)(buf, ['lint'], { cwd: GRPC })).stdout).toBe('')
  })
})
