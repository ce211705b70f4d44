import * as fc from 'fast-check'
import type { FrameTemplate, Hole } from './frame-template.ts'
import { blank, type Member, token, tokenKey, unknownMembers, value, type WireText } from './json-text.ts'

export type Side = 'client' | 'server'

/** A request and what comes of it; id and token as its sender wrote them. */
export interface Exchange {
  readonly requester: Side
  readonly id: WireText
  readonly token: WireText | undefined
}

/** What both sides send at the same time, each in this order, and where what they write is cut (0 to 1). */
export interface Round {
  readonly client: readonly FrameTemplate[]
  readonly server: readonly FrameTemplate[]
  readonly cuts: readonly number[]
}

/** A conversation. No message depends on another of its round, unless its own side sent that before. */
export interface Schedule {
  readonly exchanges: readonly Exchange[]
  /** The server's answer to initialize, which is exchange 0. */
  readonly greeting: FrameTemplate
  readonly rounds: readonly Round[]
}

type Action = 'request' | 'notify' | 'answer' | 'refuse' | 'progress' | 'cancel'

/** How a frame looks beyond what it means. */
interface Dress {
  readonly blanks: readonly WireText[]
  /** By how many places its members are turned. */
  readonly turn: number
  /** Whether names and methods are spelt with escapes. */
  readonly escaped: boolean
  /** Further members of the frame, of its params and of their `_meta`. */
  readonly outer: readonly Member[]
  readonly inner: readonly Member[]
  readonly meta: readonly Member[] | undefined
}

/** Somebody's wish to send a message; what it can be about depends on what came before. */
interface Intent {
  readonly side: Side
  readonly action: Action
  readonly pick: number
  readonly id: WireText
  readonly token: WireText | undefined
  /** A result, an error, or the one param in a list. */
  readonly value: WireText
  readonly hasParamList: boolean
  readonly dress: Dress
}

// Not those to which the pool has an answer of its own, or one message for several of them. A list of tools is asked for in another
// spelling than the pool's own.
const METHODS: Record<Side, readonly WireText[]> = {
  client: ['tools/call', 'tools\\/list', 'prompts/get', 'resources/read', 'completion/complete', 'x/own'],
  server: ['sampling/createMessage', 'elicitation/create', 'roots/list', 'x/ask'],
}
const NOTIFICATIONS: Record<Side, readonly string[]> = {
  client: ['notifications/roots/list_changed', 'notifications/x'],
  server: ['notifications/message', 'notifications/x'],
}

const dress: fc.Arbitrary<Dress> = fc.record({
  blanks: fc.array(blank, { minLength: 1, maxLength: 7 }),
  turn: fc.nat(5),
  escaped: fc.boolean(),
  outer: unknownMembers(1),
  inner: unknownMembers(2),
  meta: fc.option(unknownMembers(3), { nil: undefined }),
})

const intent: fc.Arbitrary<Intent> = fc.record({
  side: fc.constantFrom<Side>('client', 'server'),
  action: fc.constantFrom<Action>('request', 'request', 'notify', 'answer', 'answer', 'refuse', 'progress', 'cancel'),
  pick: fc.nat(255),
  id: token,
  token: fc.option(token, { nil: undefined }),
  value: value(2),
  hasParamList: fc.boolean(),
  dress,
})

const roundOfIntents = fc.record({
  intents: fc.array(intent, { minLength: 2, maxLength: 8 }),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
})

/** Conversations in which everything that is asked is answered or cancelled in the end. */
export const schedules: fc.Arbitrary<Schedule> = fc
  .tuple(dress, fc.array(roundOfIntents, { minLength: 3, maxLength: 6 }))
  .map(([greeting, rounds]) => {
    const conversation = new Conversation(greeting)
    for (const { intents, cuts } of rounds) conversation.hold(intents, cuts)
    return conversation.end()
  })

/** Makes a conversation of wishes. Where nothing is there that a message could be about, something is asked. */
class Conversation {
  readonly #exchanges: Exchange[] = [{ requester: 'client', id: '"hello"', token: undefined }]
  readonly #greeting: FrameTemplate
  readonly #rounds: Round[] = []
  /** Exchanges without an end so far. */
  readonly #open = new Set<number>()
  /** Who said something about an exchange in this round: the other side may not, as nobody knew which came first. */
  readonly #spokenFor = new Map<number, Side>()

  constructor(look: Dress) {
    const result = objectOf(
      look,
      ['protocolVersion', ['"2025-11-25"']],
      ['capabilities', [`{"tools":{"listChanged":true},"logging":{}}`]],
      ['serverInfo', ['{"name":"bridged","version":"1"}']],
      ...withExtra(look.inner),
    )
    this.#greeting = frameOf(look, ['id', [{ exchange: 0, what: 'id' }]], ['result', result])
  }

  hold(intents: readonly Intent[], cuts: readonly number[]): void {
    this.#spokenFor.clear()
    const sent: Record<Side, FrameTemplate[]> = { client: [], server: [] }
    for (const one of intents) sent[one.side].push(this.#frameFor(one))
    this.#rounds.push({ ...sent, cuts })
  }

  end(): Schedule {
    const plain: Dress = { blanks: [''], turn: 0, escaped: false, outer: [], inner: [], meta: undefined }
    const sent: Record<Side, FrameTemplate[]> = { client: [], server: [] }
    for (const exchange of this.#open) {
      const id: Hole = { exchange, what: 'id' }
      sent[otherSide(this.#requester(exchange))].push(frameOf(plain, ['id', [id]], ['result', ['{}']]))
    }
    const rounds = [...this.#rounds, { ...sent, cuts: [] }]
    return { exchanges: this.#exchanges, greeting: this.#greeting, rounds }
  }

  #frameFor(wish: Intent): FrameTemplate {
    const { action, side, dress: look, pick } = wish
    if (action === 'request') return this.#request(wish)
    if (action === 'notify') {
      const params = wish.hasParamList ? [`[${wish.value}]`] : paramsOf(look)
      return frameOf(look, ['method', [spell(choose(NOTIFICATIONS[side], pick), look)]], ['params', params])
    }
    const isOwn = action === 'cancel'
    const exchange = this.#choose(wish, isOwn ? side : otherSide(side))
    if (exchange === undefined) return this.#request(wish)
    this.#spokenFor.set(exchange, side)
    const id: Hole = { exchange, what: 'id' }
    if (action === 'progress') {
      const params = paramsOf(look, ['progressToken', [{ exchange, what: 'token' }]])
      return frameOf(look, ['method', [spell('notifications/progress', look)]], ['params', params])
    }
    this.#open.delete(exchange)
    if (action === 'cancel') {
      const params = paramsOf(look, ['requestId', [id]])
      return frameOf(look, ['method', [spell('notifications/cancelled', look)]], ['params', params])
    }
    return frameOf(look, ['id', [id]], [action === 'answer' ? 'result' : 'error', [wish.value]])
  }

  #request(wish: Intent): FrameTemplate {
    const { side, dress: look, pick } = wish
    const exchange = this.#exchanges.length
    this.#exchanges.push({
      requester: side,
      id: this.#unused(side, 'id', wish.id),
      token: wish.token && this.#unused(side, 'token', wish.token),
    })
    this.#open.add(exchange)
    this.#spokenFor.set(exchange, side)
    const method = ['method', [spell(choose(METHODS[side], pick), look)]] as const
    const id = ['id', [{ exchange, what: 'id' }]] as const
    if (wish.token === undefined) {
      return frameOf(look, id, method, ['params', wish.hasParamList ? [`[${wish.value}]`] : paramsOf(look)])
    }
    const progressToken = ['progressToken', [{ exchange, what: 'token' }]] as const
    const meta = objectOf(look, progressToken, ...withExtra(look.meta ?? []))
    return frameOf(look, id, method, ['params', objectOf(look, ['_meta', meta], ...withExtra(look.inner))])
  }

  /** An open exchange that may be spoken of: one with a token where it is about progress. */
  #choose({ side, action, pick }: Intent, requester: Side): number | undefined {
    const possible = [...this.#open].filter((exchange) => {
      const isFree = (this.#spokenFor.get(exchange) ?? side) === side
      const hasToken = action !== 'progress' || this.#exchanges[exchange]?.token !== undefined
      return this.#requester(exchange) === requester && isFree && hasToken
    })
    return possible.length === 0 ? undefined : choose(possible, pick)
  }

  // An id is used once in a conversation: after a cancel nobody knows whether an answer is to the old request.
  #unused(side: Side, what: 'id' | 'token', raw: WireText): WireText {
    const used = this.#exchanges.filter(({ requester }) => requester === side).flatMap((known) => known[what] ?? [])
    return used.some((one) => tokenKey(one) === tokenKey(raw)) ? `"unused ${what} ${this.#exchanges.length}"` : raw
  }

  #requester(exchange: number): Side {
    return this.#exchanges[exchange]?.requester ?? 'client'
  }
}

type NamedPart = readonly [name: string, value: FrameTemplate]

function otherSide(side: Side): Side {
  return side === 'client' ? 'server' : 'client'
}

function frameOf(look: Dress, ...members: readonly NamedPart[]): FrameTemplate {
  const { blanks } = look
  const frame = objectOf(look, ['jsonrpc', [spell('2.0', look)]], ...members, ...withExtra(look.outer))
  return [blanks[0] ?? '', ...frame, blanks.at(-1) ?? '']
}

function paramsOf(look: Dress, ...members: readonly NamedPart[]): FrameTemplate {
  const meta = look.meta === undefined ? [] : [['_meta', objectOf(look, ...withExtra(look.meta))] as const]
  return objectOf(look, ...members, ...meta, ...withExtra(look.inner))
}

function objectOf(look: Dress, ...members: readonly NamedPart[]): FrameTemplate {
  const turn = look.turn % Math.max(1, members.length)
  const turned = [...members.slice(turn), ...members.slice(0, turn)]
  const space = (index: number) => look.blanks[index % look.blanks.length] ?? ''
  const parts = turned.flatMap(([name, one], index) => [
    `${index === 0 ? '{' : ','}${space(index)}${name.startsWith('"') ? name : spell(name, look)}${space(index + 1)}:`,
    space(index + 2),
    ...one,
    space(index + 3),
  ])
  return members.length === 0 ? ['{}'] : [...parts, '}']
}

function withExtra(members: readonly Member[]): NamedPart[] {
  return members.map((member) => [member.name, [member.value]])
}

function spell(word: string, { escaped }: Dress): WireText {
  if (!escaped) return `"${word}"`
  return `"\\u${word.charCodeAt(0).toString(16).padStart(4, '0')}${word.slice(1).replaceAll(/\\?\//g, '\\/')}"`
}

function choose<T>(from: readonly T[], pick: number): T {
  return from[pick % from.length] as T
}
