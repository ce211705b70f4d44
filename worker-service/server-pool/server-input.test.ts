import { describe, expect, it } from 'vitest'
import type { Connection } from './connectors/connector.ts'
import { createLane, ServerInput } from './server-input.ts'

/** A server that is behind after so many frames, each time until it has caught up. */
function slowServer(framesAtOnce: number) {
  const sent: string[] = []
  let room = framesAtOnce
  const connection = {
    write: (frame: Buffer) => {
      sent.push(frame.toString())
      room--
      return room > 0
    },
  } as unknown as Connection
  const input = new ServerInput(connection)
  const catchUp = () => {
    room = framesAtOnce
    input.drained()
  }
  const write = (lane: ReturnType<typeof createLane>, ...frames: string[]) => {
    for (const frame of frames) input.write(lane, Buffer.from(frame))
  }
  return { input, sent, catchUp, write }
}

const lane = () => createLane(() => {})

describe("a server's input", () => {
  it('takes everything at once while the server reads', () => {
    const { sent, write } = slowServer(100)
    const a = lane()
    for (let index = 0; index < 100; index++) write(a, 'a')
    expect([sent.length, a.waitingBytes]).toEqual([100, 0])
  })

  it('lets senders take turns where the server does not keep up', () => {
    const { sent, catchUp, write } = slowServer(2)
    const [a, b, c] = [lane(), lane(), lane()]
    write(a, 'a1', 'a2', 'a3', 'a4', 'a5')
    write(b, 'b1', 'b2')
    write(c, 'c1')
    for (let round = 0; round < 4; round++) catchUp()
    expect(sent).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2', 'a5'])
  })

  it('keeps the order of each sender, also of what comes while others wait', () => {
    const { sent, catchUp, write } = slowServer(1)
    const a = lane()
    write(a, 'a1', 'a2', 'a3')
    catchUp()
    write(a, 'a4')
    for (let round = 0; round < 3; round++) catchUp()
    expect(sent).toEqual(['a1', 'a2', 'a3', 'a4'])
  })

  it('counts what waits, and tells when nothing does', () => {
    const { catchUp, write } = slowServer(1)
    let drained = 0
    const a = createLane(() => drained++)
    write(a, 'a1', 'a2', 'a3')
    expect(a.waitingBytes).toBe(4)
    catchUp()
    expect([a.waitingBytes, drained]).toEqual([2, 0])
    catchUp()
    expect([a.waitingBytes, drained]).toEqual([0, 1])
  })

  it('forgets what waits when the server is gone', () => {
    const { input, sent, write } = slowServer(1)
    let drained = 0
    const a = createLane(() => drained++)
    write(a, 'a1', 'a2', 'a3')
    input.clear()
    expect([a.waitingBytes, drained, sent]).toEqual([0, 1, ['a1']])
  })

  it('does not throw when the connection is over', () => {
    const connection = {
      write: () => {
        throw new Error('over')
      },
    } as unknown as Connection
    expect(() => new ServerInput(connection).write(lane(), Buffer.from('a'))).not.toThrow()
  })
})
