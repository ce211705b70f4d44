import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceError } from '../../shared/errors/service-error.ts'
import type { Connection } from '../../worker-service/server-pool/connectors/connector.ts'
import type { RemoteClock } from '../../worker-service/server-pool/connectors/remote/remote-clock.ts'

type Message = Record<string, unknown>

/** What a connection delivered: each frame with the request it belongs to, and the requests that got no answer. */
export interface Delivered {
  frames: [message: Message, relatedTo: number | undefined][]
  unanswered: [id: number, error: ServiceError][]
  renewals: number
  oversized: number
  /** Resolves with the message that answers a request; rejects with why there is none. */
  answerTo(id: number): Promise<Message>
  /** Sends a request and resolves with its answer. */
  request(id: number, method: string, params?: unknown): Promise<Message>
  /** Introduces us, as every client must. */
  introduce(): Promise<void>
}

/** Listens to a connection. */
export function listenTo(connection: Connection): Delivered {
  const answers = new Map<number, PromiseWithResolvers<Message>>()
  const answerOf = (id: number) => {
    const answer = answers.get(id) ?? Promise.withResolvers<Message>()
    answer.promise.catch(() => {})
    answers.set(id, answer)
    return answer
  }
  const send = (message: Message) => connection.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
  const delivered: Delivered = {
    frames: [],
    unanswered: [],
    renewals: 0,
    oversized: 0,
    answerTo: (id) => answerOf(id).promise,
    request(id, method, params) {
      send({ id, method, params }).catch(answerOf(id).reject)
      return answerOf(id).promise
    },
    async introduce() {
      const clientInfo = { name: 'test', version: '1' }
      await delivered.request(0, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
      await send({ method: 'notifications/initialized' })
    },
  }
  connection.receive({
    frame(bytes, relatedTo) {
      const message = JSON.parse(bytes.toString()) as Message
      connection.tookFrame?.(bytes.length, message.method === undefined)
      delivered.frames.push([message, relatedTo])
      if (message.method === undefined) answerOf(message.id as number).resolve(message)
    },
    oversizedFrame: () => void delivered.oversized++,
    unanswered(id, error) {
      delivered.unanswered.push([id, error])
      answerOf(id).reject(error)
    },
    sessionRenewed: () => void delivered.renewals++,
  })
  return delivered
}

/** A clock whose waits are written down, and over at once. */
export function hastyClock(): RemoteClock & { waits: number[] } {
  const waits: number[] = []
  return {
    waits,
    now: Date.now,
    random: () => 0,
    async sleep(delayMs, signal) {
      waits.push(delayMs)
      await sleep(1, undefined, { signal })
    },
  }
}
