import { describe, expect, it } from 'vitest'
import { promisesOf } from './find-tools-run.ts'
import { isKept } from './promises.ts'
import { faultsOf, runChaos } from './run-chaos.ts'

// A seed whose first ten seconds have kills and both kinds of stops.
const PLAN = { calls: 500, callsPerSecond: 50, seed: 37 }

describe.skipIf(process.platform !== 'linux')('find_tools, while its worker is killed and stopped', () => {
  it('answers every call once, with at most four one-shots, and comes back to the worker', {
    timeout: 600_000,
  }, async ({ signal }) => {
    const options = { plan: PLAN, requestTimeoutMs: 300_000, searchPath: process.env.PATH ?? '', onProgress: () => {} }
    const outcome = await runChaos(options, signal)
    // How fast it comes back is for a machine that does nothing else.
    const counted = promisesOf(outcome).filter(({ unit }) => unit === 'count')
    const broken = counted.filter((promise) => !isKept(promise))
    expect({ broken, failures: outcome.ledger.failures }).toEqual({ broken: [], failures: [] })
    const { worker, 'one-shot': oneShot } = outcome.ledger.times
    expect(worker.length + oneShot.length).toBe(outcome.ledger.sent)
    expect(oneShot.length).toBeGreaterThan(0)
    expect(outcome.waysBack.times.length).toBeGreaterThan(0)
  })

  it('meets kills and both kinds of stops in this run', () => {
    const kinds = faultsOf(PLAN).map(({ fault }) => (fault.name === 'stop' ? `stop, ${fault.ending}` : fault.name))
    expect(new Set(kinds)).toEqual(new Set(['kill', 'stop, kill', 'stop, continue']))
  })
})
