import { readFileSync } from 'node:fs'

/** The memory a process holds (RSS) in bytes; undefined where there is no /proc or no such process. */
export function residentBytes(pid: number): number | undefined {
  return readKilobytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m)
}

/** A process's part of the memory in use (PSS) in bytes: what several share counts in equal parts. Undefined as above. */
export function proportionalBytes(pid: number): number | undefined {
  return readKilobytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m)
}

function readKilobytes(path: string, line: RegExp): number | undefined {
  try {
    const kilobytes = line.exec(readFileSync(path, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
