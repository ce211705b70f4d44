import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnswerFrame, type NotificationFrame, type RequestFrame, scanFrame } from './frame-scan.ts'
import { type Addressed, Questions } from './questions.ts'

interface Json {
  id?: number | string
  params?: Record<string, unknown>
}

const scan = (message: object) => scanFrame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })))
/** A message without the members that all have. */
function parse(bytes: Buffer | undefined): Json | undefined {
  if (bytes === undefined) return undefined
  const {
    jsonrpc: _,
    method: __,
    ...message
  } = JSON.parse(bytes.toString()) as Json & { jsonrpc: string; method?: string }
  return message
}
const read = (addressed: Addressed<Asker> | undefined) =>
  addressed && { asker: addressed.asker, ...parse(addressed.bytes) }

/** Stands for whoever asks. */
interface Asker {
  readonly name: string
}

const ASKERS: readonly Asker[] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]

const serverId = fc.oneof(fc.constantFrom(0, 1, '1', ''), fc.integer(), fc.string({ maxLength: 5 }))
const event = fc.record({
  kind: fc.constantFrom(...(['ask', 'ask', 'ask', 'answer', 'progress', 'withdraw', 'forget'] as const)),
  server: fc.nat({ max: 2 }),
  id: serverId,
  token: fc.option(serverId, { nil: undefined }),
  pick: fc.nat(),
})

interface Asked {
  readonly clientId: number
  readonly asker: Asker
  readonly id: number | string
  readonly token: number | string | undefined
}

type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never

/** What a client of several servers should see, beside what it does see. */
class Model {
  readonly questions = new Questions<Asker>()
  open: Asked[] = []
  #lastId = 0

  /** What came of an event, and what should have. */
  step({ kind, server, id, token, pick }: Event): [seen: unknown, expected: unknown] {
    const from = ASKERS[server] as Asker
    const chosen = this.open[pick % Math.max(1, this.open.length)]
    switch (kind) {
      case 'ask':
        return this.#ask({ asker: from, id, token })
      case 'answer':
        return this.#answer(chosen)
      case 'progress':
        return this.#progress(chosen)
      case 'withdraw':
        return this.#withdraw(from, id)
      case 'forget':
        return this.#forget(from)
    }
  }

  #ask(question: Omit<Asked, 'clientId'>): [unknown, unknown] {
    const { asker: from, id, token } = question
    if (this.open.some((asked) => asked.asker === from && asked.id === id)) return [0, 0]
    const clientId = ++this.#lastId
    this.open.push({ ...question, clientId })
    const params = token === undefined ? {} : { _meta: { progressToken: token } }
    const asked = parse(this.questions.ask(from, scan({ id, method: 'roots/list', params }) as RequestFrame))
    return [asked, { id: clientId, params: token === undefined ? {} : { _meta: { progressToken: clientId } } }]
  }

  #answer(chosen: Asked | undefined): [unknown, unknown] {
    if (chosen === undefined) return [0, 0]
    this.open = this.open.filter((asked) => asked !== chosen)
    const answer = this.questions.answer(scan({ id: chosen.clientId, result: { n: 1 } }) as AnswerFrame)
    return [read(answer), { asker: chosen.asker, id: chosen.id, result: { n: 1 } }]
  }

  #progress(chosen: Asked | undefined): [unknown, unknown] {
    const { clientId, asker: from, token } = chosen ?? { clientId: 99, asker: ASKERS[0], token: undefined }
    const news = { method: 'notifications/progress', params: { progressToken: clientId } }
    const passed = read(this.questions.progress(scan(news) as NotificationFrame))
    return [passed, token === undefined ? undefined : { asker: from, params: { progressToken: token } }]
  }

  #withdraw(from: Asker, id: number | string): [unknown, unknown] {
    const asked = this.open.find((one) => one.asker === from && one.id === id)
    this.open = this.open.filter((one) => one !== asked)
    const news = { method: 'notifications/cancelled', params: { requestId: id } }
    const told = parse(this.questions.withdraw(from, scan(news) as NotificationFrame))
    return [told, asked && { params: { requestId: asked.clientId } }]
  }

  #forget(from: Asker): [unknown, unknown] {
    const gone = this.open.filter((asked) => asked.asker === from)
    this.open = this.open.filter((asked) => asked.asker !== from)
    const told = this.questions.forget(from).map((bytes) => parse(bytes)?.params?.['requestId'])
    return [told, gone.map(({ clientId }) => clientId)]
  }
}

describe('Questions', () => {
  it('takes every answer to the server that asked, under its own id and token, whatever ids servers give', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const model = new Model()
        const steps = events.map((one) => model.step(one))
        expect(steps.map(([seen]) => seen)).toEqual(steps.map(([, expected]) => expected))
        expect(model.questions.size).toBe(model.open.length)
      }),
    )
  })

  it.each([0, '1', 2, -1])('knows no server for an answer to %j, which was never asked', (id) => {
    const questions = new Questions<Asker>()
    questions.ask(ASKERS[0] as Asker, scan({ id: 7, method: 'roots/list' }) as RequestFrame)
    expect(questions.answer(scan({ id, result: {} }) as AnswerFrame)).toBeUndefined()
    expect(questions.size).toBe(1)
  })
})
