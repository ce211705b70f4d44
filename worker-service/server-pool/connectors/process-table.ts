import { readdirSync, readFileSync } from 'node:fs'

/** The variable by which a child, and whatever it starts, is known as some worker's. */
export const MARKER_VARIABLE = 'PILOTLIGHT_CHILD_OF'

/** One process at one time: numbers are given anew, but never with the same start time. */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks between the start of the machine and that of the process, as text; empty where the platform does not tell. */
  startedAt: string
}

/** Who has this number now; undefined where nobody has. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = statOf(pid)?.startedAt
  return startedAt === undefined ? undefined : { pid, startedAt }
}

/** Whether this very process lives, a zombie not counted. */
export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  const stat = statOf(pid)
  return stat !== undefined && stat.startedAt === startedAt && stat.state !== 'Z'
}

/** Every process that carries the marker in its environment. Nobody where the platform does not tell. */
export function processesMarked(marker: string): ProcessIdentity[] {
  return allProcesses().flatMap((pid) => (isMarked(pid, marker) ? (identify(pid) ?? []) : []))
}

/** Whether a process carries the marker in its environment; false for those of other users. */
export function isMarked(pid: number, marker: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${MARKER_VARIABLE}=${marker}\0`)
  } catch {
    return false
  }
}

function allProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^[1-9]\d*$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

function statOf(pid: number): { state: string; startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name stands in parentheses and may hold some itself; the state is the third field, the start time the 22nd.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state, startedAt] = [fields[0], fields[19]]
    return state === undefined || startedAt === undefined ? undefined : { state, startedAt }
  } catch {
    return undefined
  }
}
