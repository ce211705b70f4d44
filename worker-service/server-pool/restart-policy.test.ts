import { describe, expect, it } from 'vitest'
import { createRestartPolicy } from './restart-policy.ts'
import { DEFAULT_SERVER_SETTINGS, type RestartSettings } from './server-definition.ts'

const SETTINGS = DEFAULT_SERVER_SETTINGS.restart
const ENDLESS: RestartSettings = { ...SETTINGS, maxCrashes: Number.POSITIVE_INFINITY }

/** The decisions on crashes at these times, each of a server that was never ready. */
function decisions(settings: RestartSettings, times: readonly number[], random = () => 1) {
  const policy = createRestartPolicy(settings, random)
  return times.map((at) => policy.crashed(at, undefined))
}

describe('a restart policy', () => {
  it('doubles the wait from the least to the longest, and never gives up', () => {
    const waits = decisions(
      ENDLESS,
      Array.from({ length: 12 }, (_, index) => index),
    ).map(({ delayMs }) => delayMs)
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
  })

  it('draws each wait between nothing and the whole of it', () => {
    expect(decisions(ENDLESS, [0, 1, 2], () => 0.5).map(({ delayMs }) => delayMs)).toEqual([50, 100, 200])
    expect(decisions(ENDLESS, [0, 1], () => 0).map(({ delayMs }) => delayMs)).toEqual([0, 0])
  })

  it('rests after five crashes within a minute', () => {
    const kinds = decisions(SETTINGS, [0, 1, 2, 3, 59_999]).map(({ kind }) => kind)
    expect(kinds).toEqual(['retry', 'retry', 'retry', 'retry', 'rest'])
  })

  it('does not rest while no minute has five', () => {
    const kinds = decisions(SETTINGS, [0, 20_000, 40_000, 60_000, 80_000, 100_000]).map(({ kind }) => kind)
    expect(new Set(kinds)).toEqual(new Set(['retry']))
  })

  it('goes on resting when the attempts in between fail, however far apart', () => {
    const [last] = decisions(SETTINGS, [0, 1, 2, 3, 4, 500_000, 1_000_000]).slice(-1)
    expect(last).toEqual({ kind: 'rest', delayMs: 30_000 })
  })

  it('forgives after ten seconds of a stable run, and not before', () => {
    const policy = createRestartPolicy(SETTINGS, () => 1)
    policy.crashed(0, undefined)
    policy.crashed(1, undefined)
    expect(policy.crashed(10_000, 1)).toEqual({ kind: 'retry', delayMs: 400 })
    expect(policy.crashed(30_000, 20_000)).toEqual({ kind: 'retry', delayMs: 100 })
  })

  it('rests no longer after a stable run, unless the minute is full of crashes', () => {
    const policy = createRestartPolicy(SETTINGS, () => 1)
    for (const at of [0, 1, 2, 3, 4]) policy.crashed(at, undefined)
    expect(policy.crashed(11_000, 1_000).kind).toBe('rest')
    expect(policy.crashed(200_000, 100_000).kind).toBe('retry')
  })

  it('knows nothing of before when it was reset', () => {
    const policy = createRestartPolicy(SETTINGS, () => 1)
    for (const at of [0, 1, 2, 3, 4]) policy.crashed(at, undefined)
    policy.reset()
    expect(policy.crashed(5, undefined)).toEqual({ kind: 'retry', delayMs: 100 })
  })
})
