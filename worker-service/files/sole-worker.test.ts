import { mkdtempDisposable, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { controlSocketPath } from '../../shared/server-socket.ts'
import { readWorkerRecord, type WorkerRecord, workerRecordPath } from '../../shared/worker-record.ts'
import { HEALTH_BODY } from '../../test/support/fake-worker.ts'
import { becomeSoleWorker } from './sole-worker.ts'

const RECORD: WorkerRecord = {
  pid: 4_711,
  started_at: '2026-01-02T03:04:05.678Z',
  url: 'http://127.0.0.1:3021',
  version: '0.1.0',
  background: false,
  sockets: { control: '/run/control.sock', mcp: '/run/mcp.sock' },
}

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'sole-'))

const ignored = () => {}

/** Nobody ends in this test, so nobody is waited for. */
const AT_ONCE = 0

/** What a worker that lives answers on its socket. */
async function answering(folder: string) {
  const server = createServer((_, response) => response.end(HEALTH_BODY))
  await new Promise<void>((resolve) => server.listen(controlSocketPath(folder), resolve))
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

describe('the sole worker of a runtime folder', () => {
  it('is there once, and another is told who it is and what to do', async () => {
    await using folder = await temporaryFolder()
    await using worker = await becomeSoleWorker(folder.path, AT_ONCE)
    await expect(becomeSoleWorker(folder.path, AT_ONCE)).rejects.toMatchObject({
      code: 'server_unavailable',
      message:
        'Another worker of this configuration is starting or ending. Try again, or give this one another configuration (PILOTLIGHT_CONFIG).',
    })
    await worker.announce(RECORD, ignored)
    await using _ = await answering(folder.path)
    await expect(becomeSoleWorker(folder.path, 60_000)).rejects.toMatchObject({
      message:
        'Another worker of this configuration runs: process 4711, since 2026-01-02T03:04:05.678Z, on http://127.0.0.1:3021. ' +
        'Stop it (pilot service stop), or give this one another configuration (PILOTLIGHT_CONFIG).',
    })
  })

  it('waits for one that is about to end', async () => {
    await using folder = await temporaryFolder()
    const ending = await becomeSoleWorker(folder.path, AT_ONCE)
    await ending.announce(RECORD, ignored)
    const claim = becomeSoleWorker(folder.path, 60_000)
    await ending[Symbol.asyncDispose]()
    await using next = await claim
    await next.announce({ ...RECORD, pid: 8_000 }, ignored)
    expect(readWorkerRecord(folder.path)).toMatchObject({ pid: 8_000 })
  })

  it('is there once though somebody has removed its lock file', async () => {
    await using folder = await temporaryFolder()
    await using worker = await becomeSoleWorker(folder.path, AT_ONCE)
    await worker.announce(RECORD, ignored)
    await using _ = await answering(folder.path)
    await rm(join(folder.path, 'worker.lock'))
    await expect(becomeSoleWorker(folder.path, 60_000)).rejects.toMatchObject({
      message: expect.stringContaining('Another worker of this configuration runs: process 4711'),
    })
    expect(readWorkerRecord(folder.path)).toEqual(RECORD)
  })

  it('is one however many want to be', async () => {
    await using folder = await temporaryFolder()
    const claims = await Promise.allSettled(Array.from({ length: 50 }, () => becomeSoleWorker(folder.path, AT_ONCE)))
    const won = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : []))
    expect(won).toHaveLength(1)
    for (const worker of won) await worker[Symbol.asyncDispose]()
  })

  it('leaves its place, and no word of itself', async () => {
    await using folder = await temporaryFolder()
    const worker = await becomeSoleWorker(folder.path, AT_ONCE)
    await worker.announce(RECORD, ignored)
    expect((await stat(join(folder.path, 'worker.json'))).mode & 0o777).toBe(0o600)
    await worker[Symbol.asyncDispose]()
    expect(await readdir(folder.path)).toEqual(['worker.lock'])
    await using _ = await becomeSoleWorker(folder.path, AT_ONCE)
  })

  it('takes back what it said of itself before it leaves its place', async () => {
    await using folder = await temporaryFolder()
    await using worker = await becomeSoleWorker(folder.path, AT_ONCE)
    await worker.announce(RECORD, ignored)
    await worker.retract()
    expect(readWorkerRecord(folder.path)).toBeUndefined()
    await expect(becomeSoleWorker(folder.path, AT_ONCE)).rejects.toMatchObject({ code: 'server_unavailable' })
  })

  it('does not repeat what a killed one said of itself', async () => {
    await using folder = await temporaryFolder()
    await writeFile(workerRecordPath(folder.path), JSON.stringify(RECORD))
    await using next = await becomeSoleWorker(folder.path, AT_ONCE)
    expect(readWorkerRecord(folder.path)).toBeUndefined()
    await next.announce({ ...RECORD, pid: 8_000 }, ignored)
    expect(readWorkerRecord(folder.path)).toMatchObject({ pid: 8_000 })
  })
})
