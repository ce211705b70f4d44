import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { LiveMemory } from './live-memory.ts'
import { descendantsOf } from './processes.ts'

/** What a worker holds: in the system, on its heap, and in its runtime folder. */
export interface WorkerHoldings {
  readonly processes: number
  readonly zombies: number
  readonly descriptors: number
  readonly sockets: number
  readonly timers: number
  /** How many things lie in all maps and sets. */
  readonly entries: number
  readonly files: number
}

/** Counts what a worker holds, its garbage collected. */
export async function countHoldings(pid: number, memory: LiveMemory, runtimeFolder: string): Promise<WorkerHoldings> {
  const { timers, entries } = await memory.measure()
  const descendants = descendantsOf(pid)
  const descriptors = readdirSync(`/proc/${pid}/fd`)
  return {
    processes: descendants.length,
    zombies: descendants.filter(isZombie).length,
    descriptors: descriptors.length,
    sockets: descriptors.filter((one) => isSocket(join(`/proc/${pid}/fd`, one))).length,
    timers,
    entries,
    files: readdirSync(runtimeFolder, { recursive: true }).length,
  }
}

/** What of it is more than it was, by kind. */
export function moreThan(before: WorkerHoldings, after: WorkerHoldings): Partial<Record<keyof WorkerHoldings, number>> {
  const kinds = Object.keys(after) as (keyof WorkerHoldings)[]
  return Object.fromEntries(
    kinds.flatMap((kind) => (after[kind] > before[kind] ? [[kind, after[kind] - before[kind]]] : [])),
  )
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    return false
  }
}
