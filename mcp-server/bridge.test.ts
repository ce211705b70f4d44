import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServiceError } from '../shared/errors/service-error.ts'
import { BridgeScene, HELLO } from '../test/support/bridge-scene.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const EXPIRED = {
  code: -32010,
  message: 'No worker took this request within 30000 ms. Nobody listens. Start it.',
  data: { server: 'pilotlight', delivered: 'no', retryable: true, retryAfterMs: 1_000, requestId: 1 },
}
const LOST = {
  code: -32000,
  message: expect.stringContaining('The connection to the worker was lost.') as string,
  data: { server: 'pilotlight', delivered: 'unknown', retryable: false, requestId: expect.any(Number) as number },
}

describe('Bridge', () => {
  it('introduces the client with its own params and swallows the answer, then passes on what waited, in order', async () => {
    using scene = new BridgeScene()
    scene.bridge.introduce(HELLO)
    scene.request(1, 'tools/call')
    scene.request('b', 'resources/read')
    const channel = await scene.opens()
    expect(channel.sent).toMatchObject([{ method: 'initialize', params: JSON.parse(HELLO) as object }])
    channel.answers('initialize')
    expect(channel.methods().slice(1)).toEqual(['notifications/initialized', 'tools/call', 'resources/read'])
    expect(scene.toClient).toEqual([])
  })

  it('passes frames both ways as they are', async () => {
    using scene = await BridgeScene.up()
    scene.request(7, 'tools/call', { name: 'x', _meta: { progressToken: 't' } })
    scene.notify('notifications/roots/list_changed')
    scene.channel.says({ method: 'notifications/progress', params: { progressToken: 't', progress: 1 } })
    scene.channel.says({ id: 7, result: { content: [] } })
    expect(scene.channel.sent).toMatchObject([
      { id: 7, method: 'tools/call', params: { name: 'x', _meta: { progressToken: 't' } } },
      { method: 'notifications/roots/list_changed' },
    ])
    expect(scene.toClient).toMatchObject([
      { method: 'notifications/progress', params: { progressToken: 't', progress: 1 } },
      { id: 7, result: { content: [] } },
    ])
  })

  it('answers nothing twice, and nothing that was not asked', async () => {
    using scene = await BridgeScene.up()
    scene.request(1, 'tools/call')
    for (const id of [1, 1, '1', 2]) scene.channel.says({ id, result: {} })
    expect(scene.toClient).toMatchObject([{ id: 1, result: {} }])
  })

  it('gives a request that the worker found too large to read its answer, and that of a notification as it came', async () => {
    using scene = await BridgeScene.up()
    const error = {
      code: -32012,
      message: 'Too large.',
      data: { server: 'one', delivered: 'no', maxMessageBytes: 1_000 },
    }
    scene.request('small', 'tools/call')
    scene.request('large', 'tools/call', { text: 'x'.repeat(1_000) })
    scene.channel.says({ id: null, error } as never)
    scene.channel.says({ id: null, error } as never)
    expect(scene.toClient).toEqual([
      { jsonrpc: '2.0', id: 'large', error },
      { jsonrpc: '2.0', id: null, error },
    ])
    expect(scene.bridge.size).toBe(1)
  })

  it('gives up at once, and ever more seldom tries, a socket on which somebody speaks that is no worker', async () => {
    using scene = await BridgeScene.up()
    scene.request(1, 'tools/call')
    for (let round = 0; round < 20; round++) {
      scene.channel.events.frame(Buffer.from('\x01\x02 220 smtp ready'))
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(scene.toClient).toMatchObject([{ id: 1, error: LOST }])
    expect(scene.channels[0]?.isClosed).toBe(true)
    expect(scene.channels.length).toBeLessThan(16)
  })

  it('takes nothing else for an answer that has no id', async () => {
    using scene = await BridgeScene.up()
    scene.request('large', 'tools/call', { text: 'x'.repeat(1_000) })
    for (const message of [
      { id: null, error: { code: -32700, message: 'x' } },
      { id: null, error: 7 },
      { id: null, result: {} },
    ])
      scene.channel.says(message as never)
    expect(scene.toClient).toEqual([])
  })

  it('refuses an id that is in flight, be it at the worker or waiting', async () => {
    using scene = await BridgeScene.up()
    scene.request(1, 'tools/call')
    scene.request(1, 'tools/call')
    expect(scene.toClient).toMatchObject([{ id: 1, error: { code: -32600 } }])
    expect(scene.channel.sent).toHaveLength(1)
  })

  it('takes 1,024 requests at once, and refuses one more until one is answered', async () => {
    using scene = await BridgeScene.up()
    for (let id = 0; id < 1_024; id++) scene.request(id, 'tools/call')
    scene.request('more', 'tools/call')
    expect(scene.toClient).toMatchObject([{ id: 'more', error: { code: -32011, data: { delivered: 'no' } } }])
    scene.channel.says({ id: 0, result: {} })
    scene.request('again', 'tools/call')
    expect(scene.channel.sent.at(-1)).toMatchObject({ id: 'again' })
  })

  describe('when the worker is lost', () => {
    it('ends each request it was given with one error by its own id, which says that nobody knows, and logs their numbers', async () => {
      using scene = await BridgeScene.up()
      scene.request(1, 'tools/call')
      scene.request('two', 'prompts/get')
      await scene.restarts()
      expect(scene.toClient).toEqual([
        { jsonrpc: '2.0', id: 1, error: LOST },
        { jsonrpc: '2.0', id: 'two', error: LOST },
      ])
      expect(scene.logged).toEqual([
        'the worker was lost with tools/call (request 1), prompts/get (request 2) under way',
      ])
    })

    it('sends nothing twice but initialize', async () => {
      using scene = await BridgeScene.up()
      scene.request(1, 'tools/call')
      const next = await scene.restarts()
      next.answers('initialize')
      expect(next.methods()).toEqual(['initialize', 'notifications/initialized'])
    })

    it('has later requests wait for the next one, and gives them to it once it is introduced', async () => {
      using scene = await BridgeScene.up()
      scene.isThere = false
      await scene.restarts()
      scene.request(1, 'tools/call')
      scene.isThere = true
      await vi.advanceTimersByTimeAsync(1_000)
      expect(scene.channel.methods()).toEqual(['initialize'])
      scene.channel.answers('initialize')
      scene.channel.says({ id: 1, result: {} })
      expect(scene.toClient).toMatchObject([{ id: 1, result: {} }])
    })

    it('tells a request that waited for too long that it was not delivered, why, and what to do', async () => {
      using scene = new BridgeScene()
      scene.isThere = false
      await scene.opens().catch(() => {})
      scene.request(1, 'tools/call')
      await vi.advanceTimersByTimeAsync(30_000)
      expect(scene.toClient).toEqual([{ jsonrpc: '2.0', id: 1, error: EXPIRED }])
      scene.isThere = true
      expect((await scene.opens()).methods()).toEqual([])
    })

    it('looks for it with growing pauses up to a second, for ever', async () => {
      using scene = await BridgeScene.up()
      const times: number[] = []
      const startedAt = Date.now()
      scene.isThere = false
      scene.bridge[Symbol.dispose]()
      using other = new BridgeScene({
        open: () => {
          times.push(Date.now() - startedAt)
          return Promise.reject(new ServiceError('server_unavailable', 'Nobody listens.'))
        },
      })
      other.bridge.start()
      await vi.advanceTimersByTimeAsync(3_600_000)
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      expect(pauses.slice(0, 6)).toEqual([50, 100, 200, 400, 800, 1_000])
      expect(times.length).toBeGreaterThan(3_500)
    })

    it('withdraws what it had asked the client, and drops answers to that', async () => {
      using scene = await BridgeScene.up()
      scene.channel.says({ id: 1, method: 'sampling/createMessage' })
      const next = await scene.restarts()
      next.answers('initialize')
      next.says({ id: 1, method: 'elicitation/create' })
      expect(scene.toClient).toMatchObject([
        { id: 1, method: 'sampling/createMessage' },
        { method: 'notifications/cancelled', params: { requestId: 1 } },
        { id: 2, method: 'elicitation/create' },
      ])
      scene.answer(1, { late: true })
      scene.answer(2, { timely: true })
      expect(next.sent.at(-1)).toMatchObject({ id: 1, result: { timely: true } })
      expect(next.methods()).toEqual(['initialize', 'notifications/initialized', undefined])
    })

    it('tells the next one the log level and the subscriptions, but not what was taken back', async () => {
      using scene = await BridgeScene.up()
      scene.request(1, 'logging/setLevel', { level: 'debug' })
      scene.request(2, 'logging/setLevel', { level: 'error' })
      scene.request(3, 'resources/subscribe', { uri: 'a:1' })
      scene.request(4, 'resources/subscribe', { uri: 'a:2' })
      scene.request(5, 'resources/unsubscribe', { uri: 'a:1' })
      const next = await scene.restarts()
      scene.toClient.length = 0
      next.answers('initialize')
      expect(next.sent.slice(2)).toMatchObject([
        { method: 'logging/setLevel', params: { level: 'error' } },
        { method: 'resources/subscribe', params: { uri: 'a:2' } },
      ])
      for (const { id = '' } of next.sent.slice(2)) next.says({ id, result: {} })
      expect(scene.toClient).toEqual([])
    })

    it('tells the client that the lists it holds may be others, and of no other list', async () => {
      using scene = await BridgeScene.up()
      scene.request(1, 'tools/list')
      scene.request(2, 'resources/templates/list')
      scene.channel.says({ id: 1, result: {} })
      scene.channel.says({ id: 2, result: {} })
      scene.toClient.length = 0
      const changes = [
        { method: 'notifications/tools/list_changed' },
        { method: 'notifications/resources/list_changed' },
      ]
      for (let round = 0; round < 2; round++) (await scene.restarts()).answers('initialize')
      // Once until it asks again.
      expect(scene.toClient).toMatchObject(changes)
    })

    it('asks each worker whether the tools are those that the client was given as remembered, and tells it where they are not', async () => {
      using scene = new BridgeScene()
      scene.bridge.introduce(HELLO)
      scene.bridge.noteTools(Buffer.from('{"tools":[1]}'))
      const first = await scene.opens()
      first.answers('initialize')
      first.answers('tools/list', { result: { tools: [1] } })
      const second = await scene.restarts()
      second.answers('initialize')
      expect(scene.toClient).toEqual([])
      second.answers('tools/list', { result: { tools: [2] } })
      expect(scene.toClient).toMatchObject([{ method: 'notifications/tools/list_changed' }])
      const third = await scene.restarts()
      third.answers('initialize')
      expect(third.methods()).toEqual(['initialize', 'notifications/initialized'])
      expect(scene.toClient).toHaveLength(1)
    })

    it('asks no more once the client has its tools from a worker', async () => {
      using scene = new BridgeScene()
      scene.bridge.introduce(HELLO)
      scene.bridge.noteTools(Buffer.from('{"tools":[1]}'))
      const channel = await scene.opens()
      channel.answers('initialize')
      scene.request(1, 'tools/list')
      channel.says({ id: 1, result: {} })
      const [question] = channel.sent.filter(({ method }) => method === 'tools/list')
      channel.says({ id: question?.id ?? '', error: { code: -32603, message: 'too late' } })
      expect(scene.toClient).toMatchObject([{ id: 1, result: {} }])
    })

    it('hands over what somebody else can answer, at once', async () => {
      using scene = await BridgeScene.up()
      scene.list('under way')
      scene.isThere = false
      await scene.restarts()
      scene.list('later')
      expect(scene.otherwise).toEqual(['under way', 'later'])
      expect(scene.toClient).toEqual([])
      expect(scene.bridge.size).toBe(0)
    })

    it('lets the client be read from again, if the old channel had no room', async () => {
      using scene = await BridgeScene.up()
      scene.channel.hasRoom = false
      expect(scene.request(1, 'tools/call')).toBe(false)
      const before = scene.readOns
      await scene.restarts()
      expect(scene.readOns).toBeGreaterThan(before)
    })
  })

  describe('before it is known whether there is a worker', () => {
    it('has lists wait for the first attempt, and no longer', async () => {
      using scene = new BridgeScene()
      scene.bridge.introduce(HELLO)
      scene.isThere = false
      scene.list(1)
      expect(scene.otherwise).toEqual([])
      scene.bridge.start()
      await vi.advanceTimersByTimeAsync(0)
      expect(scene.otherwise).toEqual(['1'])
    })

    it('passes the initialize of a client on under its own id, and introduces the client again only once that was answered', async () => {
      using scene = new BridgeScene()
      scene.request('mine', 'initialize', { protocolVersion: '2025-11-25', capabilities: {} })
      const first = await scene.opens()
      expect(first.sent).toMatchObject([{ id: 'mine', method: 'initialize' }])
      const second = await scene.restarts()
      expect(second.sent).toMatchObject([{ id: 'mine', method: 'initialize' }])
      second.says({ id: 'mine', result: { serverInfo: {} } })
      expect(scene.toClient).toMatchObject([{ id: 'mine', result: { serverInfo: {} } }])
      const third = await scene.restarts()
      expect(third.sent).toMatchObject([{ method: 'initialize', params: { capabilities: {} } }])
      third.answers('initialize')
      expect(scene.toClient).toHaveLength(1)
    })
  })

  it('gives what waits the error with which a worker refuses the client, and looks for another', async () => {
    using scene = await BridgeScene.up()
    const next = await scene.restarts()
    scene.request('x', 'tools/call')
    scene.list('y')
    next.answers('initialize', { error: { code: -32011, message: 'full' } })
    expect(scene.toClient).toEqual([{ jsonrpc: '2.0', id: 'x', error: { code: -32011, message: 'full' } }])
    expect(scene.otherwise).toEqual(['y'])
    expect(next.isClosed).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(scene.channel).not.toBe(next)
  })

  describe('a cancelled request', () => {
    const cancel = (scene: BridgeScene, requestId: unknown) => scene.notify('notifications/cancelled', { requestId })

    it('is cancelled at the worker, and not answered any more', async () => {
      using scene = await BridgeScene.up()
      scene.request(1, 'tools/call')
      cancel(scene, 1)
      scene.channel.says({ id: 1, result: {} })
      expect(scene.channel.methods()).toEqual(['tools/call', 'notifications/cancelled'])
      await scene.restarts()
      expect(scene.toClient).toEqual([])
    })

    it('waits no longer', async () => {
      using scene = new BridgeScene()
      scene.request(1, 'tools/call')
      cancel(scene, 1)
      expect((await scene.opens()).methods()).toEqual([])
      await vi.advanceTimersByTimeAsync(60_000)
      expect(scene.toClient).toEqual([])
    })

    it.each([2, '1', null, undefined, {}])('is another one where %j is cancelled', async (requestId) => {
      using scene = await BridgeScene.up()
      scene.request(1, 'tools/call')
      cancel(scene, requestId)
      scene.channel.says({ id: 1, result: {} })
      expect(scene.toClient).toMatchObject([{ id: 1 }])
      expect(scene.channel.methods()).toEqual(['tools/call'])
    })
  })

  it('reads no more of the worker while the client does not keep up, over a restart too', async () => {
    using scene = await BridgeScene.up()
    scene.bridge.hold()
    expect(scene.channel.isReading).toBe(false)
    const next = await scene.restarts()
    expect(next.isReading).toBe(false)
    scene.bridge.release()
    expect(next.isReading).toBe(true)
  })

  it('is settled when every request is answered, in whatever way', async () => {
    using scene = await BridgeScene.up()
    await scene.bridge.settled()
    scene.request(1, 'tools/call')
    scene.request(2, 'tools/call')
    const settled = vi.fn<() => void>()
    void scene.bridge.settled().then(settled)
    scene.channel.says({ id: 1, result: {} })
    await vi.advanceTimersByTimeAsync(0)
    expect(settled).not.toHaveBeenCalled()
    await scene.restarts()
    expect(settled).toHaveBeenCalledOnce()
  })

  it('leaves the worker when it is disposed, and answers nothing', async () => {
    using scene = await BridgeScene.up()
    scene.request(1, 'tools/call')
    scene.bridge[Symbol.dispose]()
    expect(scene.channel.isClosed).toBe(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(scene.toClient).toEqual([])
    expect(scene.channels).toHaveLength(1)
  })
})
