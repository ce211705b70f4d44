import { mkdtempDisposable, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { controlSocketPath } from '../../shared/server-socket.ts'
import { lookForWorker } from '../../shared/worker-presence.ts'
import { readWorkerRecord, type WorkerRecord, workerLockPath, workerRecordPath } from '../../shared/worker-record.ts'
import { HEALTH_BODY } from '../../test/support/fake-worker.ts'
import { putOnSocket, type SocketListener } from '../sockets/listen-on-socket.ts'
import { becomeSoleWorker, type SoleWorker } from './sole-worker.ts'

const NEVER = new AbortController().signal

/** One worker, its life in steps that are taken when the test says so. A step that is refused ends it, as it would the process. */
class SteppedWorker implements AsyncDisposable {
  readonly #folder: string
  readonly #pid: number
  #place: SoleWorker | undefined
  #socket: SocketListener | undefined
  isAnnounced = false
  isLost = false

  constructor(folder: string, pid: number) {
    this.#folder = folder
    this.#pid = pid
  }

  get record(): WorkerRecord {
    const sockets = { control: '/control.sock', mcp: '/mcp.sock' }
    const started_at = '2026-01-02T03:04:05.678Z'
    return { pid: this.#pid, started_at, url: 'http://127.0.0.1:1', version: '1.0.0', background: true, sockets }
  }

  readonly steps = {
    become: async () => {
      this.#place = await becomeSoleWorker(this.#folder, 0)
    },
    listen: async () => {
      if (this.#place === undefined) return
      ensurePrivateFolder(this.#folder)
      const server = createServer({ keepAliveTimeout: 1 }, (_, response) => response.end(HEALTH_BODY))
      this.#socket = await putOnSocket(server, controlSocketPath(this.#folder))
    },
    announce: async () => {
      if (this.#socket === undefined) return
      await this.#place?.announce(this.record, () => {
        this.isLost = true
      })
      this.isAnnounced = true
    },
    retract: async () => {
      this.isAnnounced = false
      await this.#place?.retract()
    },
    close: async () => this.#socket?.[Symbol.asyncDispose](),
    leave: async () => this.#place?.[Symbol.asyncDispose](),
  }

  async take(step: keyof SteppedWorker['steps']): Promise<void> {
    try {
      await this.steps[step]()
    } catch {
      await this[Symbol.asyncDispose]()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.steps.retract()
    await this.steps.close()
    await this.steps.leave()
    this.#place = undefined
    this.#socket = undefined
  }
}

const REMOVALS = {
  'the lock': (folder: string) => rm(workerLockPath(folder), { force: true }),
  'the control socket': (folder: string) => rm(controlSocketPath(folder), { force: true }),
  'the record': (folder: string) => rm(workerRecordPath(folder), { force: true }),
  'the folder': (folder: string) => rm(folder, { recursive: true, force: true }),
  nothing: async () => {},
}
type Removal = keyof typeof REMOVALS
type Step = keyof SteppedWorker['steps']
type Event = `${'A' | 'B'} ${Step}` | Removal

/** Every order of these lists' events that keeps each list's own. */
function orders<T>(...lists: T[][]): T[][] {
  const open = lists.filter((list) => list.length > 0)
  if (open.length === 0) return [[]]
  return open.flatMap(([first, ...rest], at) => orders(...open.with(at, rest)).map((order) => [first as T, ...order]))
}

const START: Step[] = ['become', 'listen', 'announce']
const END: Step[] = ['retract', 'close', 'leave']
const of = (name: 'A' | 'B', steps: Step[]) => steps.map((step): Event => `${name} ${step}`)

/** Plays one order, and says what is wrong with what comes of it; undefined where nothing is. */
async function play(order: readonly Event[]): Promise<string | undefined> {
  await using base = await mkdtempDisposable(join(tmpdir(), 'orders-'))
  const folder = join(base.path, 'run')
  await using a = new SteppedWorker(folder, 1_001)
  await using b = new SteppedWorker(folder, 1_002)
  for (const event of order) {
    const [who, step] = event.split(' ') as ['A' | 'B', Step]
    if (event in REMOVALS) await REMOVALS[event as Removal](folder)
    else await (who === 'A' ? a : b).take(step)
  }
  const announced = [a, b].filter(({ isAnnounced }) => isAnnounced)
  // Who is told that it is lost ends; that it is told takes the kernel a moment.
  const isSettled = async () => {
    const workers = announced.filter(({ isLost }) => !isLost)
    if (workers.length > 1) return 'there are two workers'
    const [worker] = workers
    if (worker === undefined) return undefined
    if (readWorkerRecord(folder)?.pid !== worker.record.pid) return 'its record is missing'
    if ((await lookForWorker(folder, NEVER)).state !== 'answers') return 'its socket is missing'
    return undefined
  }
  let wrong: string | undefined
  const settle = async () => {
    wrong = await isSettled()
    expect(wrong).toBeUndefined()
  }
  await vi.waitFor(settle).catch(() => {})
  return wrong
}

async function wrongAmong(all: readonly Event[][]): Promise<string[]> {
  const found = await Promise.all(
    all.map(async (order) => {
      const wrong = await play(order)
      return wrong === undefined ? [] : [`${order.join(', ')}: ${wrong}`]
    }),
  )
  return found.flat()
}

describe.each(Object.keys(REMOVALS) as Removal[])('where %s is removed at any moment', (removal) => {
  it('a worker that ends leaves its successor what is the successor’s', async () => {
    const all = orders<Event>(of('A', END), of('B', START), [removal]).map((order) => [...of('A', START), ...order])
    expect(await wrongAmong(all)).toEqual([])
  })

  it('of two that start there is one that is found, or none', async () => {
    expect(await wrongAmong(orders<Event>(of('A', START), of('B', START), [removal]))).toEqual([])
  })
})
