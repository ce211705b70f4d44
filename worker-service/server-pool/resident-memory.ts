import { readdirSync, readFileSync } from 'node:fs'
import type { Connection } from './connectors/connector.ts'

const KB_PER_MB = 1_024
// What a process starts later is missed for so long; what ends is not counted at once.
const FAMILY_KNOWN_MS = 5_000

type Process = Pick<Connection, 'processId'>

interface Family {
  readonly members: readonly number[]
  readonly foundAt: number
}

/**
 * The resident memory of processes with all their descendants. Who these are is remembered for a few seconds: to find that out takes a file
 * for each of their threads, and whoever asks for the status of fifty servers every second would hold up everybody else.
 */
export class ResidentMemory {
  readonly #now: () => number
  /** Goes with what runs: another may get its number. */
  readonly #families = new WeakMap<Process, Family>()

  /** `now` in milliseconds of any clock that never runs backwards. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** In MB; undefined where there is no such process, or no `/proc` to tell. */
  mbOf(process: Process): number | undefined {
    const { processId } = process
    const own = processId === undefined ? undefined : residentKb(processId)
    if (processId === undefined || own === undefined) return undefined
    const others = this.#membersOf(process, processId).map((member) => residentKb(member) ?? 0)
    return others.reduce((total, kb) => total + kb, own) / KB_PER_MB
  }

  #membersOf(process: Process, processId: number): readonly number[] {
    const now = this.#now()
    const known = this.#families.get(process)
    if (known !== undefined && now - known.foundAt < FAMILY_KNOWN_MS) return known.members
    const members = descendantsOf(processId)
    this.#families.set(process, { members, foundAt: now })
    return members
  }
}

function residentKb(processId: number): number | undefined {
  const status = readOrNothing(`/proc/${processId}/status`)
  return status === '' ? undefined : Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
}

function descendantsOf(processId: number): number[] {
  return childrenOf(processId).flatMap((child) => [child, ...descendantsOf(child)])
}

function childrenOf(processId: number): number[] {
  try {
    const threads = readdirSync(`/proc/${processId}/task`)
    const lists = threads.map((thread) => readOrNothing(`/proc/${processId}/task/${thread}/children`))
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
  } catch {
    return []
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
