import { readdirSync, readFileSync } from 'node:fs'

const KB_PER_MB = 1_024

/** The resident memory of a process and all its descendants, in MB; undefined where there is no such process, or no `/proc` to tell. */
export function residentMemoryMb(processId: number): number | undefined {
  try {
    const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, 'latin1'))?.[1] ?? 0)
    return childrenOf(processId).reduce((total, child) => total + (residentMemoryMb(child) ?? 0), own / KB_PER_MB)
  } catch {
    return undefined
  }
}

function childrenOf(processId: number): number[] {
  const threads = readdirSync(`/proc/${processId}/task`)
  const lists = threads.map((thread) => readFileSync(`/proc/${processId}/task/${thread}/children`, 'latin1'))
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}
