import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BridgeScene } from '../test/support/bridge-scene.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('Bridge, when the client has ended its input', () => {
  it('refuses what it was asked, and what it is asked later', async () => {
    using scene = await BridgeScene.up()
    scene.request(5, 'tools/call')
    scene.channel.says({ id: 1, method: 'elicitation/create' })
    scene.channel.says({ id: 2, method: 'elicitation/create' })
    scene.answer(1, { timely: true })
    scene.bridge.inputEnded()
    scene.channel.says({ id: 3, method: 'sampling/createMessage' })
    const why = { code: -32000, message: 'The client has ended its input, and answers nothing any more.' }
    expect(scene.channel.sent.slice(1)).toMatchObject([
      { id: 1, result: { timely: true } },
      { id: 2, error: why },
      { id: 3, error: why },
    ])
    scene.channel.answers('tools/call')
    expect(scene.toClient.map(({ id }) => id)).toEqual([1, 2, 5])
  })
})
