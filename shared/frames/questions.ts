import type { ServiceError } from '../errors/service-error.ts'
import { type AnswerFrame, type NotificationFrame, type RequestFrame, readToken, type Token } from './frame-scan.ts'
import { notificationFrame, rewriteFrame } from './frame-write.ts'
import { failureFrame } from './replies.ts'

/** Something that was asked of a client. */
interface Question<Asker> {
  readonly asker: Asker
  /** Its id at the asker, and the token of its progress there, where it wants to hear of it. */
  readonly id: Token
  readonly progressToken: Token | undefined
}

/** A frame for an asker. */
export interface Addressed<Asker> {
  readonly asker: Asker
  readonly bytes: Buffer
}

/**
 * What servers, or connections to them, have asked one client and it has not answered. Each asker counts its own questions, so that two may
 * have the same id: the client gets them under ids that are given once, which are their progress tokens too.
 */
export class Questions<Asker> {
  readonly #open = new Map<number, Question<Asker>>()
  #lastId = 0

  get size(): number {
    return this.#open.size
  }

  /** The question as the client is asked it. */
  ask(asker: Asker, frame: RequestFrame): Buffer {
    this.#lastId++
    const raw = String(this.#lastId)
    const progressToken = readToken(frame, 'params._meta.progressToken')
    this.#open.set(this.#lastId, { asker, id: frame.id, progressToken })
    return rewriteFrame(frame, { id: raw, ...(progressToken && { 'params._meta.progressToken': raw }) })
  }

  /** The client's answer as the one who asked is given it; undefined where nobody did. */
  answer(frame: AnswerFrame): Addressed<Asker> | undefined {
    const question = this.#take(frame.id)
    return question && { asker: question.asker, bytes: rewriteFrame(frame, { id: question.id.raw }) }
  }

  /** The client's progress with a question; undefined where nobody wants to hear of it. */
  progress(frame: NotificationFrame): Addressed<Asker> | undefined {
    const { asker, progressToken } = this.#find(readToken(frame, 'params.progressToken')) ?? {}
    if (asker === undefined || progressToken === undefined) return undefined
    return { asker, bytes: rewriteFrame(frame, { 'params.progressToken': progressToken.raw }) }
  }

  /** An asker's word that it wants no answer any more, as the client is told it; undefined where it had asked nothing by that id. */
  withdraw(asker: Asker, frame: NotificationFrame): Buffer | undefined {
    const serverId = readToken(frame, 'params.requestId')?.value
    const [id] = this.#open.entries().find(([, open]) => open.asker === asker && open.id.value === serverId) ?? []
    if (id === undefined) return undefined
    this.#open.delete(id)
    return rewriteFrame(frame, { 'params.requestId': String(id) })
  }

  /** What the client is told when one who had asked it is gone. */
  forget(asker: Asker): Buffer[] {
    const moot = [...this.#open].filter(([, open]) => open.asker === asker).map(([id]) => id)
    for (const id of moot) this.#open.delete(id)
    return moot.map((requestId) =>
      notificationFrame('notifications/cancelled', { requestId, reason: 'The server is gone.' }),
    )
  }

  /** What those who have asked are told when the client answers nothing any more. */
  refuse(error: ServiceError): Addressed<Asker>[] {
    const open = [...this.#open.values()]
    this.#open.clear()
    return open.map(({ asker, id }) => ({ asker, bytes: failureFrame(id, error) }))
  }

  #find(token: Token | undefined): Question<Asker> | undefined {
    return typeof token?.value === 'number' ? this.#open.get(token.value) : undefined
  }

  #take(id: Token): Question<Asker> | undefined {
    const question = this.#find(id)
    if (question !== undefined) this.#open.delete(Number(id.value))
    return question
  }
}
