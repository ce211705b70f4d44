import { readFileSync } from 'node:fs'

const BYTES_PER_MB = 1024 * 1024
const PAGE_BYTES = 4096
// Deeper than any tree of wrappers; a bound, as processes may come and go while they are read.
const MAX_PROCESSES = 256

/** The resident memory of a process and its descendants in MB; undefined where the platform does not tell. */
export function residentMemoryMb(processId: number): number | undefined {
  const found = [processId]
  let pages = 0
  for (let i = 0; i < found.length && i < MAX_PROCESSES; i++) {
    const pid = found[i] ?? 0
    const resident = residentPages(pid)
    if (resident === undefined && i === 0) return undefined
    pages += resident ?? 0
    found.push(...childrenOf(pid))
  }
  return Math.round((pages * PAGE_BYTES * 10) / BYTES_PER_MB) / 10
}

function residentPages(pid: number): number | undefined {
  const pages = Number(read(`/proc/${pid}/statm`)?.split(' ')[1])
  return Number.isNaN(pages) ? undefined : pages
}

function childrenOf(pid: number): number[] {
  return (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').map(Number).filter(Boolean)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
