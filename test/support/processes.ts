import { readdirSync, readFileSync } from 'node:fs'

/** The living children of a process, by their ids, as Linux tells them. A zombie is among them until it was waited for. */
export function childrenOf(pid: number): number[] {
  return threadsOf(pid)
    .flatMap((thread) => readProcess(pid, `task/${thread}/children`).match(/\d+/g) ?? [])
    .map(Number)
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** The living descendants of a process, by their ids. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

/** The words a process was started with, joined by blanks; empty for a zombie or none. */
export function commandOf(pid: number): string {
  return readProcess(pid, 'cmdline')
}

/** Every living process that has this text in its command or its environment, but for the one that asks. */
export function processesMentioning(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .filter((pid) => isMentioned(text, pid))
}

/** Ends a process by force, unless it has ended since it was looked for. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}

/** Whether a living process has this text in its command or its environment. */
export function isMentioned(text: string, pid: number): boolean {
  return commandOf(pid).includes(text) || readProcess(pid, 'environ').includes(text)
}

function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ').trimEnd()
  } catch {
    return ''
  }
}
