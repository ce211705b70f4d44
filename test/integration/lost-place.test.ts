import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import type { ServerStatus } from '../../shared/contracts/server-status.ts'
import {
  allServersSocketPath,
  controlSocketPath,
  grpcSocketPath,
  serverSocketPath,
} from '../../shared/server-socket.ts'
import { readWorkerRecord, workerLockPath, workerRecordPath } from '../../shared/worker-record.ts'
import { somebodyAnswers } from '../../worker-service/sockets/listen-on-socket.ts'
import { BackgroundHome } from '../support/background-home.ts'
import { fixtureEntry } from '../support/fixture-server.ts'
import { untilUnderWay } from '../support/until-under-way.ts'
import { PILOT, spawnWorker } from '../support/worker-process.ts'

const TOKEN = 'test-token'

/** A home whose configuration has one server, and what its worker is asked with. */
async function homeWithServer() {
  const home = await BackgroundHome.create()
  const { configPath, folders } = home.environment
  await mkdir(dirname(configPath), { recursive: true })
  await writeFile(configPath, JSON.stringify({ mcpServers: { one: fixtureEntry('counting') } }), { mode: 0o600 })
  await mkdir(folders.runtime, { recursive: true, mode: 0o700 })
  await writeFile(join(folders.runtime, 'token'), TOKEN, { mode: 0o600 })
  return home
}

function execute(url: string, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  return fetch(`${url}/servers/one/execute`, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Begins a call that takes so long, and resolves once it is under way. */
async function executeSlowly(url: string, ms: number): Promise<{ answered: Promise<Response | undefined> }> {
  const answered = execute(url, { tool: 'sleep', arguments: { ms } }).catch(() => undefined)
  const headers = { authorization: `Bearer ${TOKEN}` }
  const row = async () => (await (await fetch(`${url}/servers/one`, { headers })).json()) as ServerStatus
  await untilUnderWay(answered, async () => {
    const { in_flight: inFlight, state } = await row()
    return inFlight === 1 && state === 'ready'
  })
  return { answered }
}

/** Which of a worker's sockets nobody answers on. */
async function silentSockets(runtime: string): Promise<string[]> {
  const paths = [
    controlSocketPath(runtime),
    allServersSocketPath(runtime),
    grpcSocketPath(runtime),
    serverSocketPath(runtime, 'one'),
  ]
  const answering = await Promise.all(paths.map(somebodyAnswers))
  return paths.filter((_, index) => !answering[index])
}

async function untilGone(path: string): Promise<void> {
  while (existsSync(path)) await sleep(10)
}

it('a worker whose runtime folder is removed finishes its calls and ends, and the next one has its port', async () => {
  await using home = await homeWithServer()
  const { runtime } = home.environment.folders
  const { record } = await home.start()
  const url = record?.url ?? ''
  expect((await execute(url, { tool: 'pid' })).status).toBe(200)
  const slow = await executeSlowly(url, 1_500)
  await rm(runtime, { recursive: true })
  expect((await slow.answered)?.status).toBe(200)
  await expect.poll(() => home.workers()).toEqual([])
  expect(await home.start()).toMatchObject({ how: 'started', record: { url } })
  expect(await silentSockets(runtime)).toEqual([])
})

it('a worker whose record is removed writes it again', async () => {
  await using home = await homeWithServer()
  const { runtime } = home.environment.folders
  const { record } = await home.start()
  await rm(workerRecordPath(runtime))
  await vi.waitFor(() => expect(readWorkerRecord(runtime)).toEqual(record))
  expect(await home.start()).toMatchObject({ how: 'attached' })
})

it.each([
  ['drains', 69],
  ['is killed', 'SIGKILL'],
])('a worker in the foreground whose lock was removed leaves its successor everything, while it %s', async (_, end) => {
  await using home = await homeWithServer()
  const { variables, port } = home
  const { runtime } = home.environment.folders
  await using first = spawnWorker(port, { variables, stderrPath: join(home.path, 'first.log') })
  await vi.waitFor(() => expect(readWorkerRecord(runtime)?.pid).toBe(first.pid))
  const { url = '' } = readWorkerRecord(runtime) ?? {}
  const call = await executeSlowly(url, 3_000)
  await rm(workerLockPath(runtime))
  if (end === 'SIGKILL') first.kill(end)
  else await untilGone(controlSocketPath(runtime))
  const next = await home.start()
  expect(next.how).toBe('started')
  await call.answered
  // Whoever looks after it would start it again.
  expect(await first.exited).toBe(end)
  expect(readWorkerRecord(runtime)).toEqual(next.record)
  // One that starts a server has its name twice for a moment.
  await vi.waitFor(() => expect(home.workers()).toEqual([next.record?.pid]))
  expect(await silentSockets(runtime)).toEqual([])
})

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

it.skipIf(!canMount())('a worker ends and says why, wherever in its start there is no room left', async () => {
  await using home = await homeWithServer()
  const runtime = join(home.path, 'small')
  await mkdir(runtime)
  const variables = { ...home.variables, XDG_RUNTIME_DIR: runtime, PILOTLIGHT_TOKEN: TOKEN }
  const why = 'pilot service run: There is no room left in the runtime, state or cache folder'
  const script = 'mount -t tmpfs -o size=$1k,mode=700 none "$XDG_RUNTIME_DIR" && shift && exec "$@"'
  const ends = await Promise.all(
    [4, 8, 12].map(async (kilobytes) => {
      const run = ['-m', 'sh', '-c', script, 'sh', String(kilobytes), process.execPath, PILOT, 'service', 'run']
      const worker = spawn('unshare', run, { env: { ...variables, WORKER_SERVICE_PORT: '0' } })
      const closed = once(worker, 'close') as Promise<[number | null]>
      let said = ''
      // Which of its files is the last that fits is not always the same.
      const hasStarted = () => said.includes('"msg":"worker started"')
      worker.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (hasStarted()) worker.kill('SIGKILL')
      })
      const [code] = await closed
      return hasStarted() || (code === 69 && said.includes(why)) ? 'started, or said why' : `${code}: ${said}`
    }),
  )
  expect(ends).toEqual([1, 2, 3].map(() => 'started, or said why'))
  expect(existsSync(join(runtime, 'pilotlight'))).toBe(false)
})
