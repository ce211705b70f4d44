import {
  type AnswerFrame,
  type NotificationFrame,
  type RequestFrame,
  readToken,
  type Token,
} from '../../shared/frames/frame-scan.ts'
import { notificationFrame, rewriteFrame } from '../../shared/frames/frame-write.ts'
import type { ServerLink } from './server-link.ts'

/** Something a server asked of the client. */
interface Question {
  readonly link: ServerLink
  /** Its id at the server, and the token of its progress there, where it wants to hear of it. */
  readonly id: Token
  readonly progressToken: Token | undefined
}

/** A frame for a server. */
export interface Addressed {
  readonly link: ServerLink
  readonly bytes: Buffer
}

/**
 * What the servers of one client have asked it and it has not answered. Each server counts its own questions, so that two may have the
 * same id: the client gets them under ids that are given once, which are their progress tokens too.
 */
export class Questions {
  readonly #open = new Map<number, Question>()
  #lastId = 0

  get size(): number {
    return this.#open.size
  }

  /** The question as the client is asked it. */
  ask(link: ServerLink, frame: RequestFrame): Buffer {
    this.#lastId++
    const raw = String(this.#lastId)
    const progressToken = readToken(frame, 'params._meta.progressToken')
    this.#open.set(this.#lastId, { link, id: frame.id, progressToken })
    return rewriteFrame(frame, { id: raw, ...(progressToken && { 'params._meta.progressToken': raw }) })
  }

  /** The client's answer as the server that asked is given it; undefined where none did. */
  answer(frame: AnswerFrame): Addressed | undefined {
    const question = this.#take(frame.id)
    return question && { link: question.link, bytes: rewriteFrame(frame, { id: question.id.raw }) }
  }

  /** The client's progress with a question; undefined where no server wants to hear of it. */
  progress(frame: NotificationFrame): Addressed | undefined {
    const { link, progressToken } = this.#find(readToken(frame, 'params.progressToken')) ?? {}
    if (link === undefined || progressToken === undefined) return undefined
    return { link, bytes: rewriteFrame(frame, { 'params.progressToken': progressToken.raw }) }
  }

  /** A server's word that it wants no answer any more, as the client is told it; undefined where it had asked nothing by that id. */
  withdraw(link: ServerLink, frame: NotificationFrame): Buffer | undefined {
    const serverId = readToken(frame, 'params.requestId')?.value
    const [id] = this.#open.entries().find(([, open]) => open.link === link && open.id.value === serverId) ?? []
    if (id === undefined) return undefined
    this.#open.delete(id)
    return rewriteFrame(frame, { 'params.requestId': String(id) })
  }

  /** What the client is told when a server that had asked it is gone. */
  forget(link: ServerLink): Buffer[] {
    const moot = [...this.#open].filter(([, open]) => open.link === link).map(([id]) => id)
    for (const id of moot) this.#open.delete(id)
    return moot.map((requestId) =>
      notificationFrame('notifications/cancelled', { requestId, reason: 'The server is gone.' }),
    )
  }

  #find(token: Token | undefined): Question | undefined {
    return typeof token?.value === 'number' ? this.#open.get(token.value) : undefined
  }

  #take(id: Token): Question | undefined {
    const question = this.#find(id)
    if (question !== undefined) this.#open.delete(Number(id.value))
    return question
  }
}
