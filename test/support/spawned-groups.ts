import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createProcessStarter, type StartProcess } from '../../worker-service/server-pool/connectors/start-process.ts'

/** Spawns as `node:child_process` does, or starts as the connector does, and knows which processes of what it started are left. */
export class SpawnedGroups {
  readonly #leaders: number[] = []
  readonly #start = createProcessStarter()

  /** To be given wherever a program under test takes its way to start servers. */
  readonly startProcess: StartProcess = async (start) => {
    const child = await this.#start(start)
    if (child.pid !== undefined) this.#leaders.push(child.pid)
    return child
  }

  /** To be given wherever a program under test takes its `spawn`. */
  readonly spawn = ((...args: Parameters<typeof spawn>) => {
    const child: ChildProcess = spawn(...args)
    if (child.pid !== undefined) this.#leaders.push(child.pid)
    return child
  }) as typeof spawn

  /** How many were started. */
  get started(): number {
    return this.#leaders.length
  }

  /** The living processes of every group that was started, by their ids. */
  left(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => this.#isLivingMember(pid))
      .map(Number)
  }

  #isLivingMember(pid: string): boolean {
    try {
      // After the name in parentheses: state, parent, group.
      const [, state, , group] = /\) (\S) (\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
      return state !== 'Z' && this.#leaders.includes(Number(group))
    } catch {
      return false
    }
  }
}
