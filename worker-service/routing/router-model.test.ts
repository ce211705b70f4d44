import { describe, expect, it } from 'vitest'
import { runRoutingModel } from '../../test/support/routing-runs.ts'

// `npm run chaos -- P2` makes many more; a mutation run fewer.
const RUNS = Number(process.env['PILOTLIGHT_MODEL_RUNS'] ?? 3_000)

describe('Router under a model', () => {
  it('gives each answer to who asked, each request one outcome, and the server each request once, whatever happens', () => {
    expect(runRoutingModel({ runs: RUNS }).violation).toBeUndefined()
  }, 600_000)
})
