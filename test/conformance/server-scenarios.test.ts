import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL_SCENARIOS, runServerScenarios } from './server-scenarios.ts'
import { createServerStage, type ServerStage } from './server-stage.ts'

// `npm run conformance:server` compares with the server itself.
describe('a server behind the pool', () => {
  let stage: ServerStage
  beforeAll(async () => {
    stage = await createServerStage()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it.for(['stdio', 'http'] as const)(
    'passes every server scenario of the conformance suite (over %s)',
    async (face, { signal }) => {
      const scenarios = await runServerScenarios(stage[face], ALL_SCENARIOS, signal)
      expect([...scenarios].filter(([, { outcome }]) => outcome !== 'passed')).toEqual([])
      expect(scenarios.size).toBe(32)
    },
  )

  it('fails them without the token, as somebody else would', async ({ signal }) => {
    const scenarios = await runServerScenarios(stage.withoutToken, 'ping', signal)
    expect(scenarios.get('ping')).toMatchObject({ outcome: 'failed', goodChecks: 0, checks: 1 })
  })
})

describe('the conformance suite', () => {
  it('is not run where it does not know a scenario', async ({ signal }) => {
    await expect(runServerScenarios('http://127.0.0.1:9', 'no-such', signal)).rejects.toThrow('did not run no-such')
  })
})
