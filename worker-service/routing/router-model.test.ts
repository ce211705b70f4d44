import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACTIONS, RoutingModel, type Step } from '../../test/fixtures/routing-model.ts'

// A long run: PILOTLIGHT_MODEL_RUNS=100000.
const RUNS = Number(process.env['PILOTLIGHT_MODEL_RUNS'] ?? 3_000)

const choices = { pick: fc.nat({ max: 511 }), flag: fc.boolean() }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    side: fc.constant('client' as const),
    action: fc.constantFrom(...ACTIONS.client),
    client: fc.nat({ max: 3 }),
    ...choices,
  }),
  fc.record({ side: fc.constant('server' as const), action: fc.constantFrom(...ACTIONS.server), ...choices }),
)

/** Two clients and a server that is ready: most of what can go wrong needs that much. */
const BEGUN: readonly Step[] = [
  ...join(0),
  ...join(1),
  { side: 'server', action: 'connect', pick: 0, flag: false },
  { side: 'server', action: 'answer', pick: 0, flag: false },
]

describe('Router under a model', () => {
  it('gives each answer to who asked, each request one outcome, and the server each request once, whatever happens', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }), (begun, steps) => {
        const model = new RoutingModel()
        for (const one of begun ? [...BEGUN, ...steps] : steps) model.take(one)
        expect(model.finish()).toBe(0)
      }),
      { numRuns: RUNS },
    )
  }, 3_600_000)
})

function join(client: number): Step[] {
  const actions = ['open', 'initialize', 'confirm'] as const
  return actions.map((action) => ({ side: 'client', action, client, pick: 0, flag: true }))
}
