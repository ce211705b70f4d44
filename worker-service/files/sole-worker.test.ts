import { mkdtempDisposable, readdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readWorkerRecord, workerRecordPath } from '../../shared/worker-record.ts'
import { becomeSoleWorker } from './sole-worker.ts'

const RECORD = { pid: 4_711, started_at: '2026-01-02T03:04:05.678Z', url: 'http://127.0.0.1:3021', version: '0.1.0' }

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'sole-'))

describe('the sole worker of a runtime folder', () => {
  it('is there once, and another is told who it is and what to do', async () => {
    await using folder = await temporaryFolder()
    await using worker = await becomeSoleWorker(folder.path)
    await expect(becomeSoleWorker(folder.path)).rejects.toMatchObject({
      code: 'server_unavailable',
      message:
        'Another worker of this configuration is starting or ending. Try again, or give this one another configuration (PILOTLIGHT_CONFIG).',
    })
    await worker.announce(RECORD)
    await expect(becomeSoleWorker(folder.path)).rejects.toMatchObject({
      message:
        'Another worker of this configuration runs: process 4711, since 2026-01-02T03:04:05.678Z, on http://127.0.0.1:3021. ' +
        'Stop it (kill 4711), or give this one another configuration (PILOTLIGHT_CONFIG).',
    })
  })

  it('is one however many want to be', async () => {
    await using folder = await temporaryFolder()
    const claims = await Promise.allSettled(Array.from({ length: 50 }, () => becomeSoleWorker(folder.path)))
    const won = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : []))
    expect(won).toHaveLength(1)
    for (const worker of won) await worker[Symbol.asyncDispose]()
  })

  it('leaves its place, and no word of itself', async () => {
    await using folder = await temporaryFolder()
    const worker = await becomeSoleWorker(folder.path)
    await worker.announce(RECORD)
    expect((await stat(join(folder.path, 'worker.json'))).mode & 0o777).toBe(0o600)
    await worker[Symbol.asyncDispose]()
    expect(await readdir(folder.path)).toEqual(['worker.lock'])
    await using _ = await becomeSoleWorker(folder.path)
  })

  it('does not repeat what a killed one said of itself', async () => {
    await using folder = await temporaryFolder()
    await writeFile(workerRecordPath(folder.path), JSON.stringify(RECORD))
    await using next = await becomeSoleWorker(folder.path)
    expect(readWorkerRecord(folder.path)).toBeUndefined()
    await next.announce({ ...RECORD, pid: 8_000 })
    expect(readWorkerRecord(folder.path)).toMatchObject({ pid: 8_000 })
  })
})
