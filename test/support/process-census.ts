import { readdirSync, readFileSync } from 'node:fs'
import { isMentioned, killIfThere } from './processes.ts'

/** Knows the processes that carry a mark in their command or environment, their descendants, and whoever shares a session with one. */
export class ProcessCensus {
  readonly #mark: string
  /** As process id and start time: numbers are given anew. */
  readonly #known = new Set<string>()

  constructor(mark: string) {
    this.#mark = mark
  }

  /** How many were ever met. */
  get size(): number {
    return this.#known.size
  }

  /** Looks around for those that belong to it now. Whoever is met once is known for good, whatever becomes of their parents. */
  look(): void {
    const all = processes()
    // What has not left our session yet shares it with whoever counts.
    const ours = all.find(({ pid }) => pid === process.pid)?.session
    const members = new Map(all.filter((one) => this.#belongs(one)).map((one) => [one.pid, one]))
    let size = -1
    while (members.size > size) {
      size = members.size
      const sessions = new Set(Array.from(members.values(), ({ session }) => session))
      for (const one of all) {
        const isRelated = members.has(one.parent) || (one.session !== ours && sessions.has(one.session))
        if (isRelated && one.pid !== process.pid) members.set(one.pid, one)
      }
    }
    for (const { id } of members.values()) this.#known.add(id)
  }

  /** How many of those met live, and of those marked since. */
  living(): number {
    return processes().filter((one) => one.state !== 'Z' && this.#belongs(one)).length
  }

  /** How many of those met are in the process table, zombies included: whose parent is gone waits for the machine's init. */
  unreaped(): number {
    return processes().filter(({ id }) => this.#known.has(id)).length
  }

  /** Ends whoever lives on. */
  kill(): void {
    for (const one of processes()) if (one.state !== 'Z' && this.#belongs(one)) killIfThere(one.pid)
  }

  #belongs({ id, pid }: Entry): boolean {
    return this.#known.has(id) || (pid !== process.pid && isMentioned(this.#mark, pid))
  }
}

interface Entry {
  id: string
  state: string
  pid: number
  parent: number
  session: number
}

function processes(): Entry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readEntry(name))
}

function readEntry(name: string): Entry[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state = '', parent, , session, started] = [...fields.slice(0, 4), fields[19]]
    return [{ id: `${name}:${started}`, state, pid: Number(name), parent: Number(parent), session: Number(session) }]
  } catch {
    return []
  }
}
