import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endLeftovers } from '../../worker-service/server-pool/connectors/child-supervision.ts'
import { availableIsolations } from '../support/isolations.ts'
import { killWorkerAndCount } from '../support/orphans.ts'

const NEVER = new AbortController().signal

describe.each(await availableIsolations())('a worker that is killed (%s)', (mode) => {
  it.each([
    ['once its servers run', 20],
    ['while they start', -250],
    ['while it starts', -120],
  ])('leaves nobody 2 s later, or to the next worker, %s', { timeout: 30_000 }, async (_, killAfterMs) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'orphans-'))
    const recordsFolder = join(folder.path, 'children')
    // Without help of the platform nobody is there to end them but the next worker.
    const limitMs = mode === 'process-group' ? 0 : 2_000
    const { left } = await killWorkerAndCount({ mode, recordsFolder, killAfterMs, limitMs })
    const reaped = await endLeftovers({ recordsFolder, variables: process.env }, NEVER)
    expect(mode === 'process-group' || left + reaped.processes === 0).toBe(true)
    expect(await endLeftovers({ recordsFolder, variables: process.env }, NEVER)).toEqual({
      processes: 0,
      containers: 0,
    })
  })
})
