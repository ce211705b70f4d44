import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IsolationMode } from '../../worker-service/server-pool/connectors/isolation.ts'

const WORKER_LIKE = join(import.meta.dirname, '../fixtures/worker-like.ts')
const LOOK_EVERY_MS = 20

/** One round: who was there before the worker was killed, and how many live on after a while. */
export interface OrphanRound {
  /** As process id and start time. */
  before: ReadonlySet<string>
  left: number
  /** When the last one had ended, after the kill; the limit where some live on. */
  endedAfterMs: number
}

/** What a round is done with. */
export interface RoundOptions {
  mode: IsolationMode
  recordsFolder: string
  /** So long after its servers are started the worker is killed; `started` is not waited for where it is negative. */
  killAfterMs: number
  limitMs: number
}

/** Starts a worker with bad servers, kills it with SIGKILL, and counts who is left of its session and its descendants' sessions. */
export async function killWorkerAndCount({
  mode,
  recordsFolder,
  killAfterMs,
  limitMs,
}: RoundOptions): Promise<OrphanRound> {
  const mark = `mark-${process.pid}-${performance.now()}`
  const worker = spawn(process.execPath, [WORKER_LIKE, mode, recordsFolder], {
    env: { ...process.env, MARK: mark },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(worker, 'exit')
  const known = new Set<string>()
  if (killAfterMs >= 0) await once(worker.stdout, 'data')
  await sleep(Math.abs(killAfterMs))
  for (const one of family(worker.pid ?? 0)) known.add(one)
  const killedAt = performance.now()
  worker.kill('SIGKILL')
  await exited
  for (;;) {
    const left = countLiving(known, mark)
    const endedAfterMs = performance.now() - killedAt
    if (left === 0 || endedAfterMs > limitMs) return { before: known, left, endedAfterMs }
    await sleep(LOOK_EVERY_MS)
  }
}

interface Entry {
  id: string
  state: string
  pid: number
  parent: number
  session: number
}

/** All descendants, and whoever shares a session with one, as `pid:start`. The guardian belongs to it. */
function family(ancestor: number): string[] {
  const all = processes()
  const ours = all.find(({ pid }) => pid === ancestor)?.session
  const members = new Map<number, Entry>()
  let size = -1
  while (members.size > size) {
    size = members.size
    const sessions = new Set([...members.values()].map(({ session }) => session))
    // A child that has not left the worker's session yet shares it with whoever counts.
    if (ours !== undefined) sessions.delete(ours)
    for (const one of all) {
      if (one.pid === ancestor) continue
      if (one.parent === ancestor || members.has(one.parent) || sessions.has(one.session)) members.set(one.pid, one)
    }
  }
  return [...members.values()].map(({ id }) => id)
}

/** How many of these are in the process table, zombies included. Whose parent is gone waits for the machine's init, which may be slow. */
export function countKnown(known: ReadonlySet<string>): number {
  return processes().filter(({ id }) => known.has(id)).length
}

// Those known, and those marked since.
function countLiving(known: ReadonlySet<string>, mark: string): number {
  return processes().filter(({ id, pid, state }) => state !== 'Z' && (known.has(id) || isMarked(pid, mark))).length
}

function isMarked(pid: number, mark: string): boolean {
  try {
    return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`MARK=${mark}\0`)
  } catch {
    return false
  }
}

function processes(): Entry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'latin1')
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
        const [state = '', parent, , session, started] = [...fields.slice(0, 4), fields[19]]
        return [
          { id: `${name}:${started}`, state, pid: Number(name), parent: Number(parent), session: Number(session) },
        ]
      } catch {
        return []
      }
    })
}
