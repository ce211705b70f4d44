import { describe, expect, it } from 'vitest'
import { settle } from '../../test/support/manual-clock.ts'
import type { Connection } from './connectors/connector.ts'
import { createLane, ServerInput } from './server-input.ts'

const BIG = 200 * 1024

/** A connection that takes a frame only when it is told to. */
function slowConnection() {
  const sent: string[] = []
  const waiting: Array<() => void> = []
  const connection = {
    send: (frame: Buffer) => {
      sent.push(frame.toString('latin1', 0, 2))
      return new Promise<void>((resolve) => waiting.push(resolve))
    },
  } as unknown as Connection
  const takeOne = async () => {
    waiting.shift()?.()
    await settle()
  }
  return { connection, sent, takeOne }
}

function frame(name: string): Buffer {
  return Buffer.from(name.padEnd(BIG))
}

describe("a server's input", () => {
  it('takes everything at once while the server reads', () => {
    const { connection, sent } = slowConnection()
    const input = new ServerInput(connection)
    const lane = createLane(() => {})
    for (let index = 0; index < 100; index++) input.write(lane, Buffer.from('a0'))
    expect(sent).toHaveLength(100)
    expect(lane.waitingBytes).toBe(0)
  })

  it('lets senders take turns where the server does not keep up', async () => {
    const { connection, sent, takeOne } = slowConnection()
    const input = new ServerInput(connection)
    const [a, b, c] = [createLane(() => {}), createLane(() => {}), createLane(() => {})]
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) input.write(a, frame(name))
    for (const name of ['b1', 'b2']) input.write(b, frame(name))
    input.write(c, frame('c1'))
    for (let taken = 0; taken < 8; taken++) await takeOne()
    expect(sent).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2', 'a5'])
  })

  it('keeps the order of each sender, also of what comes while others wait', async () => {
    const { connection, sent, takeOne } = slowConnection()
    const input = new ServerInput(connection)
    const lane = createLane(() => {})
    for (const name of ['a1', 'a2', 'a3']) input.write(lane, frame(name))
    await takeOne()
    input.write(lane, frame('a4'))
    for (let taken = 0; taken < 4; taken++) await takeOne()
    expect(sent).toEqual(['a1', 'a2', 'a3', 'a4'])
  })

  it('counts what waits, and tells when nothing does', async () => {
    const { connection, takeOne } = slowConnection()
    const input = new ServerInput(connection)
    let drained = 0
    const lane = createLane(() => drained++)
    for (const name of ['a1', 'a2', 'a3', 'a4']) input.write(lane, frame(name))
    expect(lane.waitingBytes).toBe(2 * BIG)
    await takeOne()
    expect([lane.waitingBytes, drained]).toEqual([BIG, 0])
    await takeOne()
    expect([lane.waitingBytes, drained]).toEqual([0, 1])
  })

  it('forgets what waits when the server is gone', () => {
    const { connection, sent } = slowConnection()
    const input = new ServerInput(connection)
    let drained = 0
    const lane = createLane(() => drained++)
    for (const name of ['a1', 'a2', 'a3']) input.write(lane, frame(name))
    input.clear()
    expect([lane.waitingBytes, drained, sent.length]).toEqual([0, 1, 2])
  })
})
