import { closeSync, fstatSync, readdirSync, readFileSync } from 'node:fs'

const LAST_STANDARD_STREAM = 2
const CLOSED_WITH_EXEC = 0o2_000_000
const FOR_WRITING = 0o3

/**
 * Closes what whoever started this process had open beyond the standard streams, so that nobody waits for the end of a pipe or for a lock
 * that is open here. To be called before anything of ours is opened; Node's own files are told apart by not being passed on. Only Linux
 * needs it, where Node passes on what stands behind a gap in the numbers.
 */
export function closeInheritedFiles(): void {
  for (const file of openFiles()) {
    if (file > LAST_STANDARD_STREAM && isInherited(file)) closeSync(file)
  }
}

function openFiles(): number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number)
  } catch {
    return []
  }
}

function isInherited(file: number): boolean {
  try {
    const told = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${file}`, 'latin1'))?.[1]
    const flags = Number.parseInt(told ?? '', 8)
    if (Number.isNaN(flags) || (flags & CLOSED_WITH_EXEC) !== 0) return false
    // OpenSSL passes its files on, and reads certificates (NODE_EXTRA_CA_CERTS) on another thread while this runs.
    return (flags & FOR_WRITING) !== 0 || !fstatSync(file).isFile()
  } catch {
    // The one by which the folder was read.
    return false
  }
}
