import { describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../../test/support/manual-clock.ts'
import { type Occupant, Room } from './room.ts'

const NEVER = new AbortController().signal

class Guest implements Occupant {
  idleAt: number | undefined
  asked = 0
  readonly name: string
  constructor(name: string, idleAt?: number) {
    this.name = name
    this.idleAt = idleAt
  }
  idleSince() {
    return this.idleAt
  }
  makeRoom() {
    this.asked++
  }
}

function setUp(places: number) {
  const clock = new ManualClock()
  return { clock, room: new Room(places, clock) }
}

describe('the room of a pool', () => {
  it('lets in at once while there are places', async () => {
    const { room, clock } = setUp(2)
    await room.enter(new Guest('a'), 1_000, NEVER)
    await room.enter(new Guest('b'), 1_000, NEVER)
    expect([room.taken, clock.waiting]).toEqual([2, 0])
  })

  it('asks the one that is idle longest to leave, and waits until it has left', async () => {
    const { room } = setUp(3)
    const guests = [new Guest('busy'), new Guest('recent', 20), new Guest('old', 10)]
    for (const guest of guests) await room.enter(guest, 1_000, NEVER)
    let isIn = false
    const entering = room.enter(new Guest('new'), 1_000, NEVER).then(() => (isIn = true))
    await settle()
    expect([guests.map(({ asked }) => asked), isIn]).toEqual([[0, 0, 1], false])
    room.leave(guests[2]!)
    await entering
    expect(room.taken).toBe(3)
  })

  it('asks one to leave for each that waits', async () => {
    const { room } = setUp(2)
    const guests = [new Guest('a', 1), new Guest('b', 2)]
    for (const guest of guests) await room.enter(guest, 1_000, NEVER)
    const entering = [room.enter(new Guest('c'), 1_000, NEVER), room.enter(new Guest('d'), 1_000, NEVER)]
    expect(guests.map(({ asked }) => asked)).toEqual([1, 1])
    for (const guest of guests) room.leave(guest)
    await Promise.all(entering)
  })

  it('lets those who wait in in the order they came', async () => {
    const { room } = setUp(1)
    const first = new Guest('first')
    await room.enter(first, 1_000, NEVER)
    const order: string[] = []
    const guests = [new Guest('a'), new Guest('b'), new Guest('c')]
    const entering = guests.map((guest) => room.enter(guest, 1_000, NEVER).then(() => order.push(guest.name)))
    for (const guest of [first, ...guests]) {
      room.leave(guest)
      await settle()
    }
    await Promise.all(entering)
    expect(order).toEqual(['a', 'b', 'c'])
  })

  it('asks a busy one as soon as it is idle', async () => {
    const { room } = setUp(1)
    const busy = new Guest('busy')
    await room.enter(busy, 1_000, NEVER)
    const entering = room.enter(new Guest('new'), 1_000, NEVER)
    expect(busy.asked).toBe(0)
    busy.idleAt = 5
    room.becameIdle()
    expect(busy.asked).toBe(1)
    room.leave(busy)
    await entering
  })

  it('refuses when all were busy until the deadline, and says what to do', async () => {
    const { room, clock } = setUp(1)
    await room.enter(new Guest('busy'), 1_000, NEVER)
    const entering = room.enter(new Guest('new'), 1_000, NEVER).catch((thrown: unknown) => thrown)
    await clock.advance(1_000)
    expect(await entering).toMatchObject({
      code: 'overloaded',
      message:
        'server "new": there is no room: 1 servers live, as many as may, and all are busy. Raise "pool.maxSize", or try again.',
    })
    expect(room.isWanted).toBe(false)
  })

  it('refuses at once when a hundred wait already', async () => {
    const { room, clock } = setUp(1)
    await room.enter(new Guest('busy'), 1_000, NEVER)
    const waiting = Array.from({ length: 100 }, () => room.enter(new Guest('w'), 1_000, NEVER).catch(() => {}))
    await expect(room.enter(new Guest('x'), 1_000, NEVER)).rejects.toMatchObject({ code: 'overloaded' })
    await clock.advance(1_000)
    await Promise.all(waiting)
  })

  it('lets go of one that wants in no more', async () => {
    const { room, clock } = setUp(1)
    await room.enter(new Guest('busy'), 1_000, NEVER)
    const abort = new AbortController()
    const entering = room.enter(new Guest('new'), 1_000, abort.signal)
    abort.abort(new Error('no more'))
    await expect(entering).rejects.toThrow('no more')
    expect([room.isWanted, clock.waiting]).toEqual([false, 0])
  })

  it('has more places when it is told so', async () => {
    const { room } = setUp(1)
    await room.enter(new Guest('busy'), 1_000, NEVER)
    const entering = room.enter(new Guest('new'), 1_000, NEVER)
    room.resize(2)
    await entering
    expect(room.taken).toBe(2)
  })
})
