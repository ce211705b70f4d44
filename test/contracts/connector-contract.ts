import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Connector } from '../../worker-service/server-pool/connectors/connector.ts'
import type { ServerDefinition } from '../../worker-service/server-pool/server-definition.ts'
import { collectFrames } from '../support/collect-frames.ts'

/** What a server under the contract does; the same whatever carries its frames. */
export type ServerBehaviour =
  /** Answers a request with its params as the result, and says nothing else of itself. */
  | 'echoes'
  /** Answers as `echoes` in pieces of a few bytes, each sent alone. */
  | 'dribbles'
  /** Is gone as soon as it is sent anything. */
  | 'dies'
  /** Reads nothing, answers nothing, and has to be made to end. */
  | 'hangs'

/** One way to connect, ready to be tried. Disposed after each test. */
export interface ConnectorUnderTest extends AsyncDisposable {
  open: Connector
  /** A server that behaves so; `maxMessageBytes` holds for both directions. */
  define(behaviour: ServerBehaviour, options?: { maxMessageBytes?: number }): ServerDefinition
  /** How many processes, sockets and the like of its servers and connections are left. */
  left(): number
}

const NEVER = new AbortController().signal
const SOON = { interval: 10 }

/** What not every way to connect promises. */
export interface ConnectorTraits {
  /** Frames arrive in the order in which they were sent. */
  keepsOrder: boolean
  /** The end of a server is noticed though nothing more is sent to it. */
  noticesTheEnd: boolean
}

/** What every way to connect does. `create` makes one with nothing open. */
export function connectorContract(
  name: string,
  create: () => Promise<ConnectorUnderTest>,
  traits: ConnectorTraits = { keepsOrder: true, noticesTheEnd: true },
): void {
  describe(`${name} as a Connector`, () => {
    describe('carrying frames', () => {
      carryingFacts(create, traits)
    })
    describe('refusing frames', () => {
      refusingFacts(create)
    })
    describe('ending', () => {
      endingFacts(create, traits)
    })
    describe('opening', () => {
      openingFacts(create)
    })
  })
}

function request(id: number, params: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'echo', params })
}

function carryingFacts(create: () => Promise<ConnectorUnderTest>, { keepsOrder }: ConnectorTraits) {
  it.runIf(keepsOrder).each(['send', 'write'] as const)(
    'delivers 500 frames in the order in which they were sent (%s)',
    async (how) => {
      await using subject = await create()
      await using connection = await subject.open(subject.define('echoes'), NEVER)
      const { nextMessage } = collectFrames(connection)
      for (let id = 1; id <= 500; id++) {
        if (how === 'write') connection.write(request(id, { id }))
        else connection.send(request(id, { id })).catch(() => {})
      }
      for (let id = 1; id <= 500; id++) expect(await nextMessage()).toMatchObject({ id, result: { id } })
    },
  )

  it('joins frames that arrive in pieces, inside a character too', async () => {
    await using subject = await create()
    await using connection = await subject.open(subject.define('dribbles'), NEVER)
    const { nextMessage } = collectFrames(connection)
    await connection.send(Buffer.from(request(1, { text: 'grün 🚀 "\u2028"' })))
    expect(await nextMessage()).toMatchObject({ id: 1, result: { text: 'grün 🚀 "\u2028"' } })
  })

  it('carries a megabyte both ways', async () => {
    await using subject = await create()
    await using connection = await subject.open(subject.define('echoes'), NEVER)
    const { nextMessage } = collectFrames(connection)
    const text = 'ü'.repeat(500_000)
    await connection.send(request(1, { text }))
    expect(await nextMessage()).toMatchObject({ id: 1, result: { text } })
  })

  it('loses nothing that came before it was listened to', async () => {
    await using subject = await create()
    await using connection = await subject.open(subject.define('echoes'), NEVER)
    await connection.send(request(1, {}))
    await sleep(100)
    expect(await collectFrames(connection).nextMessage()).toMatchObject({ id: 1 })
  })

  it('drops one frame over the limit, says so, and carries the next', async () => {
    await using subject = await create()
    const definition = subject.define('echoes', { maxMessageBytes: 2_000 })
    await using connection = await subject.open(definition, NEVER)
    const { nextMessage, seen } = collectFrames(connection)
    // The answer is longer than the request.
    await connection.send(request(1, { repeat: 'x', times: 5_000 }))
    await connection.send(request(2, {}))
    expect(await nextMessage()).toMatchObject({ id: 2 })
    expect(seen.oversized).toBe(1)
  })
}

function refusingFacts(create: () => Promise<ConnectorUnderTest>) {
  it('refuses a frame over the limit, and takes the next', async () => {
    await using subject = await create()
    const definition = subject.define('echoes', { maxMessageBytes: 1_000 })
    await using connection = await subject.open(definition, NEVER)
    const { nextMessage } = collectFrames(connection)
    const tooLarge = 'x'.repeat(1_001)
    await expect(connection.send(tooLarge)).rejects.toMatchObject({ code: 'too_large' })
    expect(() => connection.write(tooLarge)).toThrow(expect.objectContaining({ code: 'too_large' }))
    await connection.send(request(1, {}))
    expect(await nextMessage()).toMatchObject({ id: 1 })
  })

  it('refuses frames once it is over', async () => {
    await using subject = await create()
    const connection = await subject.open(subject.define('echoes'), NEVER)
    collectFrames(connection)
    await connection[Symbol.asyncDispose]()
    await expect(connection.send(request(1, {}))).rejects.toMatchObject({ code: 'connection_closed' })
    expect(() => connection.write(request(1, {}))).toThrow(expect.objectContaining({ code: 'connection_closed' }))
  })
}

function endingFacts(create: () => Promise<ConnectorUnderTest>, { noticesTheEnd }: ConnectorTraits) {
  it('says once that it was stopped, however often it is disposed, and leaves nothing', async () => {
    await using subject = await create()
    const connection = await subject.open(subject.define('echoes'), NEVER)
    collectFrames(connection)
    await Promise.all([connection[Symbol.asyncDispose](), connection[Symbol.asyncDispose]()])
    await connection[Symbol.asyncDispose]()
    expect(await connection.closed).toEqual({ kind: 'stopped' })
    await expect.poll(() => subject.left(), SOON).toBe(0)
  })

  it('is not over before it is', async () => {
    await using subject = await create()
    await using connection = await subject.open(subject.define('echoes'), NEVER)
    const { nextMessage } = collectFrames(connection)
    await connection.send(request(1, {}))
    await nextMessage()
    expect(await Promise.race([connection.closed, sleep(20, 'open')])).toBe('open')
  })

  it.runIf(noticesTheEnd)('tells why the server is gone, and leaves nothing', async () => {
    await using subject = await create()
    await using connection = await subject.open(subject.define('dies'), NEVER)
    collectFrames(connection)
    connection.send(request(1, {})).catch(() => {})
    const end = await connection.closed
    expect(end.kind).not.toBe('stopped')
    await connection[Symbol.asyncDispose]()
    expect(await connection.closed).toEqual(end)
    await expect.poll(() => subject.left(), SOON).toBe(0)
  })

  it('ends a server that hangs, with what waited for it', async () => {
    await using subject = await create()
    const connection = await subject.open(subject.define('hangs'), NEVER)
    collectFrames(connection)
    const sent = connection.send(request(1, { text: 'x'.repeat(4_000_000) })).then(
      () => 'sent',
      (thrown: unknown) => thrown,
    )
    await connection[Symbol.asyncDispose]()
    // It may have been handed to the machine's own buffers.
    expect(['sent', expect.objectContaining({ code: 'connection_closed' })]).toContainEqual(await sent)
    await expect.poll(() => subject.left(), SOON).toBe(0)
  })
}

function openingFacts(create: () => Promise<ConnectorUnderTest>) {
  it('does nothing for a signal that has aborted', async () => {
    await using subject = await create()
    const reason = new Error('too late')
    await expect(subject.open(subject.define('echoes'), AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(subject.left()).toBe(0)
  })

  it('leaves nothing when the signal aborts meanwhile, or is open', async () => {
    await using subject = await create()
    for (let turns = 0; turns < 5; turns++) {
      const leaving = new AbortController()
      const opening = subject.open(subject.define('echoes'), leaving.signal)
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      leaving.abort()
      await opening.then((connection) => connection[Symbol.asyncDispose]()).catch(() => {})
    }
    await expect.poll(() => subject.left(), SOON).toBe(0)
  })

  it('opens two connections that do not hear each other', async () => {
    await using subject = await create()
    await using one = await subject.open(subject.define('echoes'), NEVER)
    await using other = await subject.open(subject.define('echoes'), NEVER)
    const [atOne, atOther] = [collectFrames(one), collectFrames(other)]
    await Promise.all([one.send(request(1, { from: 'one' })), other.send(request(1, { from: 'other' }))])
    expect(await atOne.nextMessage()).toMatchObject({ result: { from: 'one' } })
    expect(await atOther.nextMessage()).toMatchObject({ result: { from: 'other' } })
  })
}
