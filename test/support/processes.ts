import { readdirSync, readFileSync } from 'node:fs'

/** The living children of a process, by their ids, as Linux tells them. A zombie is among them until it was waited for. */
export function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads
      .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? [])
      .map(Number)
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

/** Whether a living process has this text in its command or its environment. */
export function isMentioned(text: string, pid: number): boolean {
  return commandOf(pid).includes(text) || readProcess(pid, 'environ').includes(text)
}

function readProcess(pid: number, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ').trimEnd()
  } catch {
    return ''
  }
}
