import { describe, expect, it } from 'vitest'
import { listClientScenarios, runClientScenario } from './client-scenarios.ts'

// `npm run conformance:client` runs them all; here are a few, and none of which the outcome depends on how fast the machine is.
const SCENARIOS = [
  'initialize',
  'tools_call',
  'elicitation-sep1034-client-defaults',
  'auth/metadata-default',
  'auth/scope-step-up',
  'auth/client-credentials-jwt',
  'auth/resource-mismatch',
]

describe('the remote connector', () => {
  it.for(SCENARIOS)('passes the client scenario %s of the conformance suite', async (name, { signal }) => {
    expect(await runClientScenario(name, 'ours', signal)).toMatchObject({ passed: true })
  })
})

describe('the conformance suite', () => {
  it('has these scenarios, and others', async ({ signal }) => {
    const all = await listClientScenarios(signal)
    expect(all).toEqual(expect.arrayContaining(SCENARIOS))
    expect(all.length).toBeGreaterThan(SCENARIOS.length)
  })

  it('is not run where it does not know a scenario', async ({ signal }) => {
    await expect(runClientScenario('no-such', 'ours', signal)).rejects.toThrow('did not run no-such')
  })
})
