import type { Direction, Fault } from '../../support/fault-proxy.ts'
import { shuffled } from '../seeded-random.ts'
import type { SeamKind } from './seam.ts'

/** A fault and the way it lies. */
export interface DrawnFault {
  readonly fault: Fault
  readonly direction: Direction
}

/** What is cut off is so within this, which is about as long as what passes in a round. */
const CUT_WITHIN_BYTES = 3_000

const DRAWN: ReadonlyArray<(between: (least: number, most: number) => number) => Fault> = [
  (between) => ({ kind: 'latency', ms: between(1, 200) }),
  (between) => ({ kind: 'throttle', bytesPerSecond: between(5_000, 50_000) }),
  (between) => ({ kind: 'slicer', bytes: between(1, 50) }),
  (between) => ({ kind: 'reset', afterBytes: between(0, CUT_WITHIN_BYTES) }),
  (between) => ({ kind: 'half-close', afterBytes: between(0, CUT_WITHIN_BYTES) }),
  (between) => ({ kind: 'black hole', afterBytes: between(0, CUT_WITHIN_BYTES) }),
  () => ({ kind: 'duplicate' }),
  (between) => ({ kind: 'garbage', bytes: between(1, 200) }),
]

/** So many faults for a seam, every kind before any comes again, each with figures of its own. */
export function drawFaults(kind: SeamKind, count: number, random: () => number): DrawnFault[] {
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  const drawn: DrawnFault[] = []
  while (drawn.length < count) {
    for (const draw of shuffled(DRAWN, random)) {
      const fault = draw(between)
      const directions: readonly Direction[] = shuffled(['to server', 'to client'], random)
      const direction = directions.find((one) => kind.allows(fault, one))
      if (direction !== undefined) drawn.push({ fault, direction })
    }
  }
  return drawn.slice(0, count)
}

/** A fault in words. */
export function describeFault({ fault: { kind, ...figures }, direction }: DrawnFault): string {
  const [figure] = Object.values(figures) as (number | undefined)[]
  return `${kind}${figure === undefined ? '' : ` ${figure}`} ${direction}`
}
