import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { BackgroundHome } from '../test/support/background-home.ts'
import { commandOf } from '../test/support/processes.ts'
import { Program } from '../test/support/program.ts'
import { spawnWorker, untilHealthy } from '../test/support/worker-process.ts'
import { describeStart, type FoundWorker, startWorker } from './start-worker.ts'
import { VERSION } from './version.ts'
import { askToEnd } from './worker-presence.ts'
import { readWorkerRecord } from './worker-record.ts'

const ROOT = join(import.meta.dirname, '..')
const ignored = new AbortController().signal

/** A worker in the background of another version, which lives in this home. */
async function startOther(home: BackgroundHome, version: string): Promise<number> {
  const folder = join(home.path, 'other')
  await mkdir(folder)
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
  const program = join(folder, 'dist', 'worker.cjs')
  const text = await readFile(program, 'utf8')
  await writeFile(program, text.replace(`version: "${VERSION}"`, `version: "${version}"`))
  const stderrPath = join(home.path, 'other.log')
  const { pid } = new Program({ args: [program, 'background'], variables: home.variables, stderrPath })
  await vi.waitFor(() => expect(recordOf(home)).toMatchObject({ pid, version }))
  return pid
}

function recordOf({ environment }: BackgroundHome) {
  return readWorkerRecord(environment.folders.runtime)
}

function processOf(found: FoundWorker): number {
  return found.record?.pid ?? 0
}

describe('startWorker', () => {
  it('starts a worker that belongs to no terminal and holds nothing of whoever started it', async () => {
    await using home = await BackgroundHome.create()
    const found = await home.start()
    expect(found).toMatchObject({ how: 'started', version: VERSION, before: { fate: 'none' } })
    const pid = processOf(found)
    expect(describeStart(found)).toBe(`started the worker (process ${pid}, ${found.record?.url})`)
    const [, , session, terminal] = fieldsOf(await readFile(`/proc/${pid}/stat`, 'latin1'))
    expect({ session, terminal }).toEqual({ session: String(pid), terminal: '0' })
    const streams = await Promise.all([0, 1, 2].map((file) => readlink(`/proc/${pid}/fd/${file}`)))
    const errors = join(home.environment.folders.runtime, 'worker.stderr')
    expect(streams).toEqual(['/dev/null', errors, errors])
    expect(await readFile(home.environment.workerLogPath, 'utf8')).toContain('"msg":"worker started"')
  })

  it('starts one, to which everybody else attaches', async () => {
    await using home = await BackgroundHome.create()
    const found = await Promise.all(Array.from({ length: 20 }, () => home.start()))
    expect(found.filter(({ how }) => how === 'started')).toHaveLength(1)
    expect(new Set(found.map(processOf))).toEqual(new Set(home.workers()))
    expect(home.workers()).toHaveLength(1)
  })

  it('attaches to a worker in the foreground, be it another version', async () => {
    await using home = await BackgroundHome.create()
    const { port } = home
    const stderrPath = join(home.path, 'worker.log')
    await using worker = spawnWorker(port, { variables: home.variables, stderrPath })
    await untilHealthy(port, AbortSignal.timeout(60_000))
    const found = await home.start()
    expect(found).toMatchObject({ how: 'attached', record: { pid: worker.pid, background: false } })
    expect(describeStart(found)).toBeUndefined()
  })

  it('starts another one where one was killed, and says so', async () => {
    await using home = await BackgroundHome.create()
    const killed = processOf(await home.start())
    await home.killWorkers()
    const found = await home.start()
    expect(found).toMatchObject({ how: 'started', before: { fate: 'vanished', record: { pid: killed } } })
    expect(describeStart(found)).toMatch(
      new RegExp(`^the worker \\(process ${killed}\\) had ended without a word; started another \\(process \\d+, http`),
    )
  })

  it('starts one behind another that is about to end', async () => {
    await using home = await BackgroundHome.create()
    const first = processOf(await home.start())
    await askToEnd(home.environment.folders.runtime, ignored)
    await vi.waitFor(() => expect(recordOf(home)).toBeUndefined(), { interval: 1 })
    const found = await home.start()
    expect(found).toMatchObject({ how: 'started', before: { fate: 'none' } })
    expect(processOf(found)).not.toBe(first)
    expect(home.workers()).toEqual([processOf(found)])
  })

  it('replaces a worker of another version, once', async () => {
    await using home = await BackgroundHome.create()
    const old = await startOther(home, '0.0.1')
    const found = await Promise.all(Array.from({ length: 5 }, () => home.start()))
    const started = found.filter(({ how }) => how === 'started')
    expect(started).toMatchObject([{ version: VERSION, before: { fate: 'replaced', record: { pid: old } } }])
    expect(started.map(describeStart)).toEqual([
      expect.stringMatching(`^replaced the worker of version 0.0.1 \\(process ${old}\\) by ${VERSION} `),
    ])
    expect(home.workers()).toEqual(started.map(processOf))
  })

  it('takes a worker of another version where that will do', async () => {
    await using home = await BackgroundHome.create()
    const old = await startOther(home, '0.0.1')
    const found = await home.start({ otherVersion: 'taken' })
    expect(found).toMatchObject({ how: 'attached', version: '0.0.1', record: { pid: old } })
    expect(describeStart(found)).toBe(
      `the worker is of version 0.0.1 and this is ${VERSION}; "pilot service restart" replaces it`,
    )
  })

  it('fails with what the worker said where it does not start, and leaves nothing', async () => {
    await using home = await BackgroundHome.create()
    const taken = createServer()
    await once(taken.listen(home.port, '127.0.0.1'), 'listening')
    await expect(home.start()).rejects.toMatchObject({
      code: 'server_unavailable',
      message: expect.stringMatching(
        /^The worker did not start\. Cannot listen on 127\.0\.0\.1:\d+: the port is taken\./,
      ),
    })
    taken.close()
    expect(home.workers()).toEqual([])
    expect(await readdir(home.environment.folders.runtime)).not.toContain('worker.json')
    await home.start()
  })

  it('fails with the mistakes of the configuration', async () => {
    await using home = await BackgroundHome.create()
    const { configPath } = home.environment
    await mkdir(join(configPath, '..'), { recursive: true })
    await writeFile(configPath, '{"mcpServers": 1}', { mode: 0o600 })
    await expect(home.start()).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('"mcpServers" must be an object'),
    })
  })

  it('gives up on a worker that does not answer in time, and ends what it started', async () => {
    await using home = await BackgroundHome.create()
    await expect(home.start({ patienceMs: 0 })).rejects.toMatchObject({
      code: 'server_unavailable',
      message: 'No worker answered within 0 s.',
    })
    await vi.waitFor(() => expect(home.workers()).toEqual([]))
  })

  it('names a worker that is there and does not answer', async () => {
    await using home = await BackgroundHome.create()
    const pid = processOf(await home.start())
    process.kill(pid, 'SIGSTOP')
    await expect(home.start({ patienceMs: 100 })).rejects.toMatchObject({
      message: `No worker answered within 0.1 s. The worker (process ${pid}) is there and does not answer. End it with "pilot service stop".`,
    })
    expect(home.workers()).toEqual([pid])
  })

  it('starts one that stops by itself once nobody has used it for long enough', async () => {
    await using home = await BackgroundHome.create()
    const { configPath } = home.environment
    await mkdir(join(configPath, '..'), { recursive: true })
    await writeFile(configPath, '{"service": {"autoShutdownMinutes": 0.001}}', { mode: 0o600 })
    expect(await home.start()).toMatchObject({ how: 'started' })
    await vi.waitFor(() => expect(home.workers()).toEqual([]))
    expect(recordOf(home)).toBeUndefined()
    expect(await readFile(home.environment.workerLogPath, 'utf8')).toContain('"askedBy":"nobody, for 0.001 minutes"')
  })

  it('starts one whose heap is bound, unless it is already', async () => {
    await using home = await BackgroundHome.create()
    expect(commandOf(processOf(await home.start()))).toContain('--max-semi-space-size=8')
    await home.killWorkers()
    const variables = { ...home.variables, NODE_OPTIONS: '--max-semi-space-size=4' }
    expect(commandOf(processOf(await home.start({ variables })))).not.toContain('semi-space')
  })

  it('starts one that takes on how long it may be unused when that changes', async () => {
    await using home = await BackgroundHome.create()
    const { configPath } = home.environment
    await mkdir(join(configPath, '..'), { recursive: true })
    await writeFile(configPath, '{}', { mode: 0o600 })
    await home.start()
    await writeFile(configPath, '{"service": {"autoShutdownMinutes": 0.001}}')
    await vi.waitFor(() => expect(home.workers()).toEqual([]))
  })

  it('starts none where somebody else runs it', async () => {
    await using home = await BackgroundHome.create()
    const { environment } = home
    const worker = { ...environment.worker, url: 'http://elsewhere:3021' }
    await expect(home.start({ environment: { ...environment, worker } })).rejects.toMatchObject({
      code: 'server_unavailable',
      message: "The worker at http://elsewhere:3021 is somebody else's to start (WORKER_SERVICE_URL is set).",
    })
  })

  it('waits no longer than it is wanted', async () => {
    await using home = await BackgroundHome.create()
    const { environment, variables } = home
    const reason = new Error('gone')
    const start = startWorker({ environment, variables, mode: 'background' }, AbortSignal.abort(reason))
    await expect(start).rejects.toBe(reason)
  })
})

function fieldsOf(stat: string): string[] {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(1)
}
