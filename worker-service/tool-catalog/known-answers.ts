import { listOf, type RecalledMethod } from '../routing/list-methods.ts'
import type { ServerList } from '../routing/outbox.ts'
import { NO_ANSWERS, type ServerAnswers, withinBounds } from './server-answers.ts'

/** What servers have answered and would again, so that who asks the same need not wait for them. */
export class KnownAnswers {
  readonly #byServer = new Map<string, ServerAnswers>()

  /** Everything that is known of a server. */
  of(server: string): ServerAnswers {
    return this.#byServer.get(server) ?? NO_ANSWERS
  }

  /** The answer to a method where that is all there is of it; undefined where it is not known, or one page of several. */
  recall(server: string, method: RecalledMethod): Buffer | undefined {
    const [only, ...others] = this.of(server).get(method) ?? []
    return others.length === 0 ? only : undefined
  }

  /** Knows this of a server from now on, and nothing else; as much as is kept of one. */
  take(server: string, answers: ServerAnswers): void {
    this.#byServer.set(server, withinBounds(answers))
  }

  /** A list of a server is another now. Returns whether it was known. */
  forgetList(server: string, list: ServerList): boolean {
    const known = this.of(server)
    const still = [...known].filter(([method]) => method === 'initialize' || listOf(method) !== list)
    if (still.length === known.size) return false
    this.#byServer.set(server, new Map(still))
    return true
  }

  /** Knows nothing of a server any more. */
  forget(server: string): void {
    this.#byServer.delete(server)
  }
}
