import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BridgeScene } from '../test/support/bridge-scene.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('Bridge, when the worker hangs', () => {
  it('is asked after a second of silence, hands over lists and sends nothing more until it goes on', async () => {
    using scene = await BridgeScene.up()
    scene.request(1, 'tools/call')
    scene.list(2)
    scene.isAlive = false
    await vi.advanceTimersByTimeAsync(2_500)
    expect(scene.otherwise).toEqual(['2'])
    scene.request(3, 'tools/call')
    scene.list(4)
    expect(scene.otherwise).toEqual(['2', '4'])
    expect(scene.channel.sent.map(({ id }) => id)).toEqual([1, 2])
    scene.isAlive = true
    await vi.advanceTimersByTimeAsync(1_000)
    expect(scene.channel.sent.map(({ id }) => id)).toEqual([1, 2, 3])
    scene.channel.says({ id: 2, result: {} })
    scene.channel.says({ id: 1, result: {} })
    expect(scene.toClient).toMatchObject([{ id: 1, result: {} }])
  })

  it('is given up after ten seconds: what it was given gets its error, what it was not given waits on', async () => {
    using scene = await BridgeScene.up()
    const hanging = scene.channel
    scene.request(1, 'tools/call')
    scene.isAlive = false
    await vi.advanceTimersByTimeAsync(2_500)
    scene.request(2, 'tools/call')
    await vi.advanceTimersByTimeAsync(11_000)
    expect(scene.toClient).toMatchObject([{ id: 1, error: { code: -32000, data: { delivered: 'unknown' } } }])
    expect(hanging.isClosed).toBe(true)
    expect(scene.channel).not.toBe(hanging)
  })

  it('is not taken for hanging because a call takes long', async () => {
    using scene = await BridgeScene.up()
    scene.request(1, 'tools/call')
    await vi.advanceTimersByTimeAsync(600_000)
    expect(scene.channels).toHaveLength(1)
    scene.channel.says({ id: 1, result: {} })
    expect(scene.toClient).toMatchObject([{ id: 1, result: {} }])
  })
})
