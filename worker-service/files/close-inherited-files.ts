import { closeSync, readdirSync, readFileSync } from 'node:fs'

const LAST_STANDARD_STREAM = 2
const CLOSED_WITH_EXEC = 0o2_000_000

/**
 * Closes what whoever started this process had open beyond the standard streams, so that nobody waits for the end of a pipe that is open
 * here. To be called before anything of ours is opened; Node's own files are told apart by not being passed on. Only Linux needs it, where
 * Node passes on what stands behind a gap in the numbers.
 */
export function closeInheritedFiles(): void {
  for (const file of openFiles()) {
    if (file > LAST_STANDARD_STREAM && isPassedOn(file)) closeSync(file)
  }
}

function openFiles(): number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number)
  } catch {
    return []
  }
}

function isPassedOn(file: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${file}`, 'latin1'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSED_WITH_EXEC) === 0
  } catch {
    // The one by which the folder was read.
    return false
  }
}
