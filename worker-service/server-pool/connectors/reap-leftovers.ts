import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ContainerRecord, type Leftovers, readLeftovers } from './child-records.ts'
import { identify, isMarked, type ProcessIdentity, processesMarked } from './process-table.ts'

const MAX_ROUNDS = 20
const ROUND_MS = 10

/** What was found of workers that are gone, and ended. */
export interface Reaped {
  processes: number
  containers: number
}

/** What reaping needs: where the records are, and how a container is ended. True where it was there to be. */
export interface ReapOptions {
  recordsFolder: string
  killContainer: (container: ContainerRecord, signal: AbortSignal) => Promise<boolean>
}

/**
 * Ends what killed workers left. A process is signalled only when it carries the worker's marker and is no older than its record says;
 * its number alone is no proof. Records of living workers are left alone.
 */
export async function reapLeftovers(
  { recordsFolder, killContainer }: ReapOptions,
  signal: AbortSignal,
): Promise<Reaped> {
  const reaped: Reaped = { processes: 0, containers: 0 }
  for (const leftovers of await readLeftovers(recordsFolder)) {
    reaped.processes += await endProcesses(leftovers, signal)
    for (const container of leftovers.containers) {
      if (await killContainer(container, signal)) reaped.containers++
    }
    await rm(leftovers.folder, { recursive: true, force: true })
  }
  return reaped
}

// Again and again, as one of them may just have started another.
async function endProcesses(leftovers: Leftovers, signal: AbortSignal): Promise<number> {
  const ended = new Set<string>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = processesMarked(leftovers.marker).filter((one) => isLeftover(one, leftovers))
    if (found.length === 0) break
    for (const one of found) {
      if (endGroup(one, leftovers.marker)) ended.add(`${one.pid}:${one.startedAt}`)
    }
    await sleep(ROUND_MS, undefined, { signal })
  }
  return ended.size
}

function isLeftover({ pid, startedAt }: ProcessIdentity, { owner, children }: Leftovers): boolean {
  const recorded = children.find((child) => child.pid === pid)
  if (recorded !== undefined) return recorded.startedAt === startedAt
  // Not on record: killed before it could be, or a descendant. It cannot be older than the worker it descends from.
  return Number(startedAt) >= Number(owner.startedAt)
}

function endGroup({ pid, startedAt }: ProcessIdentity, marker: string): boolean {
  // Asked again at the last moment: the number may be another's by now.
  if (pid <= 1 || identify(pid)?.startedAt !== startedAt || !isMarked(pid, marker)) return false
  // Where it leads a group, whoever is in it is its descendant.
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // It leads none, or has just ended.
    }
  }
  return true
}
