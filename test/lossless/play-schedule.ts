import type { FrameEnd } from './frame-end.ts'
import type { Schedule, Side } from './frame-schedule.ts'
import { type FrameTemplate, fill, type Hole, takeOut } from './frame-template.ts'
import type { WireText } from './json-text.ts'

/** Both ends of one way between a client and a server, of which the client has said initialize. */
export interface Way extends AsyncDisposable {
  readonly client: FrameEnd
  readonly server: FrameEnd
  /** The id under which initialize came to the server. */
  readonly helloId: WireText
}

/** The frames that came to each side, in order. */
export type Arrivals = Record<Side, WireText[]>

/** What each side would get if nothing stood between them: what the other one sent. */
export function sentIn({ exchanges, greeting, rounds }: Schedule): Arrivals {
  const asSent = (template: FrameTemplate) => fill(template, ({ exchange, what }) => exchanges[exchange]?.[what] ?? '')
  return {
    client: [greeting, ...rounds.flatMap(({ server }) => server)].map(asSent),
    server: rounds.flatMap(({ client }) => client).map(asSent),
  }
}

/** Holds a conversation. Resolves with what came to each side, ids and tokens put back to what their sender wrote. */
export async function play(schedule: Schedule, way: Way): Promise<Arrivals> {
  const names = new Names(schedule, way.helloId)
  const arrivals: Arrivals = { client: [], server: [] }
  const arrive = async (side: Side, templates: readonly FrameTemplate[]) => {
    const frames = await way[side].take(templates.length)
    arrivals[side].push(...frames.map((frame, index) => names.putBack(templates[index] ?? [], frame, side)))
  }
  await way.server.send([names.write(schedule.greeting, 'server')])
  await arrive('client', [schedule.greeting])
  await way.client.send(['{"jsonrpc":"2.0","method":"notifications/initialized"}'])
  await way.server.take(1)
  for (const { client, server, cuts } of schedule.rounds) {
    await Promise.all([
      way.client.send(
        client.map((template) => names.write(template, 'client')),
        cuts,
      ),
      way.server.send(
        server.map((template) => names.write(template, 'server')),
        cuts,
      ),
    ])
    await Promise.all([arrive('client', server), arrive('server', client)])
  }
  for (const side of ['client', 'server'] as const) arrivals[side].push(...way[side].rest())
  return arrivals
}

/** Under which id and token each side knows an exchange. */
class Names {
  readonly #schedule: Schedule
  /** As they came to the side that was asked. */
  readonly #arrived = new Map<string, WireText>()

  constructor(schedule: Schedule, helloId: WireText) {
    this.#schedule = schedule
    this.#arrived.set(keyOf({ exchange: 0, what: 'id' }), helloId)
  }

  /** A frame as a side writes it. */
  write(template: FrameTemplate, side: Side): WireText {
    return fill(template, (hole) => this.#nameAt(side, hole) ?? '')
  }

  /** A frame that came to a side, with the names of its sender; as it came where it is not the one that was sent. */
  putBack(template: FrameTemplate, frame: WireText, side: Side): WireText {
    const found = takeOut(template, frame)
    if (found === undefined) return frame
    for (const [hole, name] of found) {
      const known = this.#nameAt(side, hole)
      if (known === undefined) this.#arrived.set(keyOf(hole), name)
      else if (known !== name) return frame
    }
    return fill(template, (hole) => this.#original(hole) ?? '')
  }

  #nameAt(side: Side, hole: Hole): WireText | undefined {
    const isRequester = this.#schedule.exchanges[hole.exchange]?.requester === side
    return isRequester ? this.#original(hole) : this.#arrived.get(keyOf(hole))
  }

  #original({ exchange, what }: Hole): WireText | undefined {
    return this.#schedule.exchanges[exchange]?.[what]
  }
}

function keyOf({ exchange, what }: Hole): string {
  return `${exchange} ${what}`
}
