import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Direction, Fault } from '../../support/fault-proxy.ts'
import { FRONT_SEAM } from './front-seam.ts'
import { REMOTE_SEAM } from './remote-seam.ts'
import type { Seam } from './seam.ts'
import { SELECTOR_SEAM } from './selector-seam.ts'

type Seen = 'the answer' | 'an error'

const FAULTS: ReadonlyArray<readonly [fault: Fault, direction: Direction, seen: Seen]> = [
  [{ kind: 'latency', ms: 100 }, 'to client', 'the answer'],
  [{ kind: 'latency', ms: 100 }, 'to server', 'the answer'],
  [{ kind: 'throttle', bytesPerSecond: 20_000 }, 'to client', 'the answer'],
  [{ kind: 'slicer', bytes: 20 }, 'to client', 'the answer'],
  [{ kind: 'slicer', bytes: 20 }, 'to server', 'the answer'],
  [{ kind: 'duplicate' }, 'to client', 'the answer'],
  [{ kind: 'garbage', bytes: 50 }, 'to client', 'an error'],
  [{ kind: 'reset', afterBytes: 20 }, 'to client', 'an error'],
  [{ kind: 'half-close', afterBytes: 20 }, 'to client', 'an error'],
  [{ kind: 'black hole', afterBytes: 20 }, 'to client', 'an error'],
]

describe.skipIf(process.platform !== 'linux').each([REMOTE_SEAM, FRONT_SEAM, SELECTOR_SEAM])(
  'between $title',
  (kind) => {
    let seam: Seam

    beforeAll(async () => {
      seam = await kind.open(1)
    })
    afterAll(() => seam[Symbol.asyncDispose]())

    it.each(FAULTS)('%j %s costs a call no more than %s', async (fault, direction, seen) => {
      const token = `under ${fault.kind} ${direction}`
      seam.proxy.inflict(fault, direction)
      const answer = await seam.call(token)
      seam.proxy.heal()
      const error = { message: expect.stringMatching(/./) as string, data: { delivered: 'unknown' } }
      expect(answer).toMatchObject(seen === 'the answer' ? { result: { token } } : { error })
      expect(await seam.call(`after ${token}`)).toEqual({ result: { token: `after ${token}` } })
      expect((await seam.executed()).filter((one) => one === token)).toHaveLength(1)
      expect(seam.strays()).toBe(0)
    })
  },
)
