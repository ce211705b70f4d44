import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OwnWorker } from '../support/own-worker.ts'
import { createTemporaryHome, type TemporaryHome } from '../support/temporary-home.ts'
import { Bridge } from './bridge.ts'
import { schedules } from './frame-schedule.ts'
import { play, sentIn, type Way } from './play-schedule.ts'
import { openDirectly, openThrough } from './ways.ts'

// A long run: PILOTLIGHT_FRAME_RUNS=10000. A failure names its seed: with PILOTLIGHT_FRAME_SEED it is run again and made as small as can be.
const RUNS = Number(process.env['PILOTLIGHT_FRAME_RUNS'] ?? 30)
const SEED = process.env['PILOTLIGHT_FRAME_SEED']

// After ten minutes a worker starts a server anew that it could not list, which a conversation would take for its own.
const RUNS_OF_A_WORKER = 1_000

let home: TemporaryHome
let bridge: Bridge
beforeAll(async () => {
  home = await createTemporaryHome('')
  bridge = await Bridge.in(home.path)
})
afterAll(async () => {
  bridge[Symbol.dispose]()
  await home[Symbol.asyncDispose]()
})

describe('a pooled server', () => {
  it('gets and gives every frame byte for byte, but for ids and tokens, as it does without a pool', async () => {
    let frames = 0
    for (let made = 0; made < RUNS; made += RUNS_OF_A_WORKER)
      frames += await converse(Math.min(RUNS_OF_A_WORKER, RUNS - made))
    expect(frames).toBeGreaterThan(RUNS * 6)
  }, 3_600_000)
})

/** Holds so many conversations with and without a worker, which are to be the same. Resolves with how many frames were sent. */
async function converse(runs: number): Promise<number> {
  // A process for each client, so that no conversation meets what is left of another.
  const entry = { ...bridge.command, share: 'client', maxClients: 100, heartbeatSeconds: 3_600 }
  await using worker = await OwnWorker.start({ mcpServers: { bridged: entry } })
  const socketPath = worker.socketOf('bridged')
  let frames = 0
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const sent = sentIn(schedule)
    frames += sent.client.length + sent.server.length
    const playOn = async (open: Promise<Way>) => {
      await using way = await open
      return await play(schedule, way)
    }
    const direct = await playOn(openDirectly(bridge))
    expect(direct).toEqual(sent)
    expect(await playOn(openThrough(socketPath, bridge))).toEqual(direct)
  })
  const replay = SEED === undefined ? { endOnFailure: true } : { seed: Number(SEED) }
  await fc.assert(property, { numRuns: runs, ...replay })
  return frames
}
