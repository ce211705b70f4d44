import { mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { KEY_LENGTH } from './embedded-text.ts'
import { VectorFile } from './vector-file.ts'
import type { VectorRows } from './vector-table.ts'

const ROWS: VectorRows = {
  dimensions: 3,
  keys: ['a'.repeat(KEY_LENGTH), 'b'.repeat(KEY_LENGTH)],
  bytes: Int8Array.of(1, -127, 3, 4, 5, 127),
  steps: Float32Array.of(0.25, 0.5),
}

async function home() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'pilotlight-vectors-'))
  const path = join(folder.path, 'embeddings', 'kept.bin')
  return { path, [Symbol.asyncDispose]: () => folder.remove() }
}

describe('vectors in a file', () => {
  it('are there again as they were, for their user alone', async () => {
    await using at = await home()
    await new VectorFile(at.path, 'some model').write(ROWS)
    expect(await new VectorFile(at.path, 'some model').read()).toEqual(ROWS)
    expect((await stat(at.path)).mode & 0o777).toBe(0o600)
  })

  it('are nothing to another model', async () => {
    await using at = await home()
    await new VectorFile(at.path, 'some model').write(ROWS)
    expect(await new VectorFile(at.path, 'another').read()).toBeUndefined()
  })

  it('are nothing where they are missing, cut off, changed or something else', async () => {
    await using at = await home()
    const file = new VectorFile(at.path, 'some model')
    expect(await file.read()).toBeUndefined()
    await file.write(ROWS)
    const whole = await readFile(at.path)
    const changed = Buffer.from(whole)
    changed[changed.length - 1] = 1
    for (const bytes of [whole.subarray(0, -1), changed, Buffer.from('{}'), Buffer.alloc(0), Buffer.alloc(1_000)]) {
      await writeFile(at.path, bytes)
      expect(await file.read()).toBeUndefined()
    }
  })
})
