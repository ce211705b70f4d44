import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { BackgroundHome } from '../test/support/background-home.ts'
import { Program } from '../test/support/program.ts'
import { spawnWorker } from '../test/support/worker-process.ts'
import { type StopOptions, stopWorker } from './stop-worker.ts'
import { readWorkerRecord, type WorkerRecord, workerLockPath, workerRecordPath } from './worker-record.ts'

const LOCK_HOLDER = join(import.meta.dirname, '../test/fixtures/hold-lock.ts')
const ignored = new AbortController().signal

function stop({ environment }: BackgroundHome, options: StopOptions = {}) {
  return stopWorker(environment, options, ignored)
}

/** A program that is none of ours, and goes on until it is signalled. */
function bystander(home: BackgroundHome): Program {
  const args = ['-e', 'setInterval(() => {}, 1_000)']
  return new Program({ args, variables: home.variables, stderrPath: join(home.path, 'bystander.log') })
}

/** What holds the worker's lock and answers nobody. */
async function lockHolder(home: BackgroundHome): Promise<Program> {
  const { runtime } = home.environment.folders
  await mkdir(runtime, { recursive: true, mode: 0o700 })
  const args = [LOCK_HOLDER, workerLockPath(runtime)]
  const holder = new Program({ args, variables: home.variables, stderrPath: join(home.path, 'holder.log') })
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  return holder
}

async function leaveRecord({ environment }: BackgroundHome, record: Partial<WorkerRecord>): Promise<void> {
  const left: Omit<WorkerRecord, 'pid'> = {
    started_at: new Date().toISOString(),
    url: 'http://127.0.0.1:3021',
    version: '0.1.0',
    background: true,
    sockets: { control: '/run/control.sock', mcp: '/run/mcp.sock' },
  }
  await mkdir(environment.folders.runtime, { recursive: true, mode: 0o700 })
  await writeFile(workerRecordPath(environment.folders.runtime), JSON.stringify({ ...left, ...record }))
}

describe('stopWorker', () => {
  it('says that there is none', async () => {
    await using home = await BackgroundHome.create()
    expect(await stop(home)).toEqual({ how: 'none' })
  })

  it('has the worker end, and waits for its end', async () => {
    await using home = await BackgroundHome.create()
    const { record } = await home.start()
    expect(await stop(home)).toEqual({ how: 'ended', record })
    await vi.waitFor(() => expect(home.workers()).toEqual([]))
    expect(await stop(home)).toEqual({ how: 'none' })
  })

  it('has a worker in the foreground end, with 0', async () => {
    await using home = await BackgroundHome.create()
    const { port } = home
    await using worker = spawnWorker(port, { variables: home.variables, stderrPath: join(home.path, 'worker.log') })
    await vi.waitFor(() => expect(readWorkerRecord(home.environment.folders.runtime)).toBeDefined())
    expect(await stop(home)).toMatchObject({ how: 'ended', record: { pid: worker.pid } })
    expect(await worker.exited).toBe(0)
  })

  it('has one end that is only just starting', async () => {
    await using home = await BackgroundHome.create()
    const { port } = home
    await using worker = spawnWorker(port, { variables: home.variables, stderrPath: join(home.path, 'worker.log') })
    await vi.waitFor(async () => expect(await stop(home)).toMatchObject({ how: 'ended' }))
    expect(await worker.exited).toBe(0)
  })

  it('kills one that does not answer', async () => {
    await using home = await BackgroundHome.create()
    const { record } = await home.start()
    process.kill(record?.pid ?? 0, 'SIGSTOP')
    expect(await stop(home, { patienceMs: 200 })).toEqual({ how: 'killed', record })
    await vi.waitFor(() => expect(home.workers()).toEqual([]))
  })

  it('signals nobody who has the number that a killed worker had', async () => {
    await using home = await BackgroundHome.create()
    await using other = bystander(home)
    await leaveRecord(home, { pid: other.pid })
    const kill = vi.spyOn(process, 'kill')
    expect(await stop(home)).toEqual({ how: 'none' })
    expect(kill).not.toHaveBeenCalled()
  })

  it('signals nobody but whoever is proved to be the worker', async () => {
    await using home = await BackgroundHome.create()
    await using other = bystander(home)
    await using _ = await lockHolder(home)
    await leaveRecord(home, { pid: other.pid })
    const kill = vi.spyOn(process, 'kill')
    await expect(stop(home, { patienceMs: 100 })).rejects.toMatchObject({
      code: 'server_unavailable',
      message: `The worker (process ${other.pid}) does not answer and does not end, and it cannot be proved that it may be killed. End it yourself.`,
    })
    expect(kill).not.toHaveBeenCalled()
  })

  it.each([0, 1, -1, 2 ** 22 + 1, 'x', null])(
    'signals nobody where a file says that the worker is process %s',
    async (pid) => {
      await using home = await BackgroundHome.create()
      await using holder = await lockHolder(home)
      await leaveRecord(home, { pid: pid as number })
      const kill = vi.spyOn(process, 'kill')
      await expect(stop(home, { patienceMs: 50 })).rejects.toMatchObject({ code: 'server_unavailable' })
      expect(kill).not.toHaveBeenCalled()
      expect(holder.running).toBe(true)
    },
  )

  it('leaves alone what somebody else runs', async () => {
    await using home = await BackgroundHome.create()
    const { environment } = home
    const elsewhere = { ...environment, worker: { ...environment.worker, url: 'http://elsewhere:3021' } }
    await expect(stopWorker(elsewhere, {}, ignored)).rejects.toMatchObject({
      message: "The worker at http://elsewhere:3021 is somebody else's to stop (WORKER_SERVICE_URL is set).",
    })
  })
})
