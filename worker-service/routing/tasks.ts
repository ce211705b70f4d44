import type { Token } from '../../shared/frames/frame-scan.ts'
import type { Client } from './client.ts'

/** What a server carries out for a client beyond the call that began it (MCP 2025-11-25). */
export interface Task {
  readonly kind: 'task'
  readonly id: string
  readonly client: Client
  /** The id of the call that began it, under which the server still tells of its progress. */
  readonly requestId: number
  /** What the client knows that progress by. */
  readonly progressToken: Token | undefined
}

/** As many tasks as are kept in mind for one client; beyond that its oldest is forgotten. */
const MAX_TASKS_PER_CLIENT = 1_000

/** Whose tasks are whose. How long a task lives is the server's affair; here it is known until its client is gone. */
export class Tasks {
  readonly #byId = new Map<string, Task>()
  readonly #byRequestId = new Map<number, Task>()
  readonly #byClient = new Map<Client, Set<Task>>()

  /** How many entries there are, in all its maps. */
  get size(): number {
    return this.#byId.size + this.#byRequestId.size + this.#byClient.size
  }

  /** Adds a task. One that had the same id before is another's no more. */
  add(task: Task): void {
    this.#remove(this.#byId.get(task.id))
    this.#byId.set(task.id, task)
    this.#byRequestId.set(task.requestId, task)
    const siblings = this.#byClient.get(task.client) ?? new Set()
    this.#byClient.set(task.client, siblings.add(task))
    if (siblings.size > MAX_TASKS_PER_CLIENT) this.#remove(siblings.values().next().value)
  }

  /** The client that a task belongs to. */
  ownerOf(taskId: string): Client | undefined {
    return this.#byId.get(taskId)?.client
  }

  /** The task that a call began. */
  begunBy(requestId: string | number): Task | undefined {
    return typeof requestId === 'number' ? this.#byRequestId.get(requestId) : undefined
  }

  /** Forgets the tasks of a client that is gone. */
  removeClient(client: Client): void {
    for (const task of this.#byClient.get(client) ?? []) this.#remove(task)
    this.#byClient.delete(client)
  }

  #remove(task: Task | undefined): void {
    if (task === undefined) return
    this.#byId.delete(task.id)
    this.#byRequestId.delete(task.requestId)
    this.#byClient.get(task.client)?.delete(task)
  }
}
