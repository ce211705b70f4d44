import * as fc from 'fast-check'
import { RoutingModel } from '../fixtures/routing-model.ts'
import { ACTIONS, type Step } from '../fixtures/routing-steps.ts'

/** What came of random runs of the routing model. */
export interface RoutingRuns {
  /** How many requests clients have made. */
  requests: number
  /** The shortest run that was found to break a promise, and which; undefined when none did. */
  violation: string | undefined
}

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
const MAX_STEPS = 120

/** Two clients and a server that is ready: most of what can go wrong needs that much. */
const BEGUN: readonly Step[] = [
  ...join(0),
  ...join(1),
  { side: 'server', action: 'connect', pick: 0, flag: false },
  { side: 'server', action: 'answer', pick: 0, flag: false },
]

interface RoutingOptions {
  runs: number
  seed?: number
  /** How many things happen in a run, at most. */
  maxSteps?: number
}

/** Lets a router meet so many random runs of clients and a server; the same seed gives the same ones. */
export function runRoutingModel(options: RoutingOptions): RoutingRuns {
  const { runs, seed, maxSteps = MAX_STEPS } = options
  const steps = fc.array(step, { minLength: 1, maxLength: maxSteps, size: 'max' })
  let requests = 0
  const property = fc.property(fc.boolean(), steps, (begun, taken) => {
    const model = new RoutingModel()
    for (const one of begun ? [...BEGUN, ...taken] : taken) model.take(one)
    requests += model.requests
    return model.finish() === 0
  })
  const details = fc.check(property, { numRuns: runs, ...(seed !== undefined && { seed }) })
  return { requests, violation: details.failed ? fc.defaultReportMessage(details) : undefined }
}

function join(client: number): Step[] {
  const actions = ['open', 'initialize', 'confirm'] as const
  return actions.map((action) => ({ side: 'client', action, client, pick: 0, flag: true }))
}
