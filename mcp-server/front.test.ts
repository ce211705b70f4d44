import { describe, expect, it } from 'vitest'
import type { FindToolsReply } from '../shared/contracts/find-tools-tool.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { type NotificationFrame, type RequestFrame, scanFrame } from '../shared/frames/frame-scan.ts'
import { resultFrame } from '../shared/frames/frame-write.ts'
import { Front, type FrontOptions } from './front.ts'

interface Answer {
  id?: unknown
  method?: string
  result?: Record<string, unknown>
  error?: { code: number; message: string }
}

const REPLY: FindToolsReply = { source: 'worker', body: '{"status":"success","message":"Found.","details":{}}' }

/** Stands for what carries frames to the worker: away, it hands over what can be answered otherwise. */
class FakeBridge {
  isAway = false
  isUp = false
  readonly requests: string[] = []
  readonly notifications: string[] = []
  readonly introductions: unknown[] = []
  readonly changes: string[] = []
  readonly noted: string[] = []
  readonly inFlight = new Set<string | number>()

  get size(): number {
    return this.inFlight.size
  }

  request({ id, method }: RequestFrame, otherwise?: () => void): boolean {
    if (this.isAway && otherwise !== undefined) otherwise()
    else {
      this.requests.push(method)
      this.inFlight.add(id.value)
    }
    return true
  }

  notify({ method }: NotificationFrame): boolean {
    this.notifications.push(method)
    return true
  }

  has = (id: string | number) => this.inFlight.has(id)
  introduce = (params: string) => void this.introductions.push(JSON.parse(params))
  listChanged = (method: string) => void this.changes.push(method)
  noteList = (method: string) => void this.noted.push(method)
  noteTools = (list: Buffer) => void this.noted.push(list.toString())
  settled = () => Promise.resolve(this.inFlight.clear())
  answer = () => true
  inputEnded = () => {}
  hold = () => {}
  release = () => {}
}

/** A front whose frames are collected; find_tools answers at once unless a test says otherwise. */
function frontOf(options: Partial<FrontOptions> = {}) {
  const sent: Answer[] = []
  const logged: string[] = []
  const bridge = new FakeBridge()
  const front = new Front({
    send: (frame) => sent.push(JSON.parse(frame.toString()) as Answer),
    findTools: () => Promise.resolve(REPLY),
    rememberedTools: () => undefined,
    list: ({ id, method }) => Promise.resolve(resultFrame(id.raw, JSON.stringify({ method }))),
    bridge,
    log: { line: (text) => logged.push(text), sparse: (_, text) => logged.push(text) },
    ...options,
  })
  const receive = (message: unknown) => {
    const frame = scanFrame(Buffer.from(JSON.stringify(message)))
    switch (frame.kind) {
      case 'request':
        return front.request(frame)
      case 'notification':
        return front.notify(frame)
      case 'answer':
        return front.answer(frame)
      case 'unusable':
        throw new Error(frame.problem)
    }
  }
  const request = (id: unknown, method: string, params?: unknown) => receive({ jsonrpc: '2.0', id, method, params })
  const answer = async (id: unknown, method: string, params?: unknown) => {
    request(id, method, params)
    await front.settled()
    return sent.at(-1)
  }
  return { front, bridge, sent, logged, receive, request, answer }
}

async function initializedFront(options: Partial<FrontOptions> = {}) {
  const made = frontOf(options)
  await made.answer('init', 'initialize', { protocolVersion: '2025-11-25' })
  made.sent.length = 0
  return made
}

const findTools = (query: unknown = 'x') => ({ name: 'find_tools', arguments: { query } })
const cancel = (requestId: unknown) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })
const untilAborted = (_: string, signal: AbortSignal) =>
  new Promise<never>((__, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

describe('Front', () => {
  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('speaks protocol version %s', async (version) => {
    const { answer } = frontOf()
    expect((await answer(1, 'initialize', { protocolVersion: version }))?.result).toMatchObject({
      protocolVersion: version,
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'pilotlight', title: 'Pilotlight', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      instructions: expect.stringContaining('find_tools'),
    })
  })

  it.each(['2099-01-01', '2026-07-28', 7, undefined])(
    'answers version %s with the latest it speaks',
    async (version) => {
      const { answer } = frontOf()
      const { result } = (await answer(1, 'initialize', { protocolVersion: version })) ?? {}
      expect(result).toMatchObject({ protocolVersion: '2025-11-25' })
    },
  )

  it('has every worker introduced to the client with its own params, filled in where they lack what servers need', async () => {
    const { bridge, answer } = frontOf()
    const params = { protocolVersion: '2025-06-18', capabilities: { roots: {} }, clientInfo: { name: 'c' }, more: [1] }
    await answer(1, 'initialize', params)
    await answer(2, 'initialize', { capabilities: 7 })
    expect(bridge.introductions).toEqual([params, { protocolVersion: '2025-11-25', capabilities: {} }])
  })

  it('calls find_tools with the arguments as they came', async () => {
    const inputs: string[] = []
    const { answer } = await initializedFront({
      findTools: (input) => {
        inputs.push(input)
        return Promise.resolve(REPLY)
      },
    })
    const args = { query: 'ü', limit: 'abc', unknown: { __proto__: null, nested: [1] } }
    expect((await answer(1, 'tools/call', { name: 'find_tools', arguments: args }))?.result).toMatchObject({
      structuredContent: { status: 'success' },
      _meta: { 'pilotlight/source': 'worker' },
    })
    expect(inputs.map((input) => JSON.parse(input) as unknown)).toEqual([args])
  })

  it.each([[{}], [{ query: null }], [undefined]])('asks nobody when the query is missing: %j', async (args) => {
    const { answer } = await initializedFront({ findTools: () => Promise.reject(new Error('asked')) })
    expect((await answer(1, 'tools/call', { name: 'find_tools', arguments: args }))?.result).toMatchObject({
      isError: true,
      structuredContent: { code: 'invalid_request', message: expect.stringContaining('query is required') },
    })
  })

  it.each([
    ['arguments that are no object', 'tools/call', { name: 'find_tools', arguments: [] }, -32602],
    ['arguments that are a text', 'tools/call', { name: 'find_tools', arguments: '{}' }, -32602],
  ])('refuses %s', async (_, method, params, code) => {
    const { answer } = await initializedFront()
    expect(await answer(1, method, params)).toMatchObject({ id: 1, error: { code } })
  })

  it('answers ping and unknown methods before initialize, and asks for it before anything of tools', async () => {
    const { answer } = frontOf()
    expect(await answer(1, 'ping')).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
    expect(await answer(2, 'server/discover')).toMatchObject({ error: { code: -32601 } })
    for (const method of ['tools/list', 'tools/call']) {
      expect(await answer(3, method)).toMatchObject({ error: { code: -32600, message: 'Send initialize first.' } })
    }
  })

  it('answers in whatever order the answers come, each under its own id', async () => {
    const waiting = new Map<string, (reply: FindToolsReply) => void>()
    const { front, sent, request } = await initializedFront({
      findTools: (input) =>
        new Promise((resolve) => waiting.set((JSON.parse(input) as { query: string }).query, resolve)),
    })
    const ids = [1, '1', 0, '']
    for (const [n, id] of ids.entries()) request(id, 'tools/call', findTools(`q${n}`))
    for (const n of [2, 0, 3, 1]) {
      waiting.get(`q${n}`)?.({ source: 'worker', body: `{"status":"success","message":"q${n}","details":null}` })
    }
    await front.settled()
    const byId = new Map(sent.map(({ id, result }) => [id, result?.structuredContent as { message: string }]))
    expect(ids.map((id) => byId.get(id)?.message)).toEqual(['q0', 'q1', 'q2', 'q3'])
  })

  it('refuses an id that is in flight, and takes it again once it is answered', async () => {
    const { promise, resolve } = Promise.withResolvers<FindToolsReply>()
    const { front, sent, request, answer } = await initializedFront({ findTools: () => promise })
    request(1, 'tools/call', findTools())
    request(1, 'ping')
    expect(sent).toMatchObject([{ id: 1, error: { code: -32600 } }])
    resolve(REPLY)
    await front.settled()
    expect(sent[1]).toMatchObject({ id: 1, result: { structuredContent: { status: 'success' } } })
    expect(await answer(1, 'ping')).toMatchObject({ id: 1, result: {} })
  })

  it('stops a cancelled call and does not answer it', async () => {
    const signals: AbortSignal[] = []
    const { front, sent, receive, request } = await initializedFront({
      findTools: (input, signal) => {
        signals.push(signal)
        return untilAborted(input, signal)
      },
    })
    request(1, 'tools/call', findTools())
    receive(cancel(1))
    await front.settled()
    expect(signals[0]?.aborted).toBe(true)
    expect(sent).toEqual([])
  })

  it('does not answer a cancelled call that answers all the same, and lets its id be used again', async () => {
    const late = Promise.withResolvers<FindToolsReply>()
    const { front, sent, receive, request } = await initializedFront({ findTools: () => late.promise })
    request(1, 'tools/call', findTools())
    receive(cancel(1))
    request(1, 'ping')
    late.resolve(REPLY)
    await front.settled()
    expect(sent).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }])
  })

  it.each(['1', 2, null, undefined, {}])('keeps call 1 going when %j is cancelled', async (requestId) => {
    const { promise, resolve } = Promise.withResolvers<FindToolsReply>()
    const { front, sent, receive, request } = await initializedFront({ findTools: () => promise })
    request(1, 'tools/call', findTools())
    receive(cancel(requestId))
    resolve(REPLY)
    await front.settled()
    expect(sent).toMatchObject([{ id: 1, result: {} }])
  })

  it('says nothing to notifications and responses', async () => {
    const { front, sent, receive } = await initializedFront()
    receive({ jsonrpc: '2.0', method: 'notifications/initialized' })
    receive({ jsonrpc: '2.0', method: 'notifications/never-heard-of' })
    receive({ jsonrpc: '2.0', id: 9, result: {} })
    await front.settled()
    expect(sent).toEqual([])
  })

  it('answers an unexpected failure without telling its cause, which goes to the log', async () => {
    const { answer, logged } = await initializedFront({ findTools: () => Promise.reject(new Error('secret path')) })
    const said = await answer(1, 'tools/call', findTools())
    expect(said).toMatchObject({ id: 1, error: { code: -32603, message: 'An unexpected error occurred.' } })
    expect(JSON.stringify(said)).not.toContain('secret')
    expect(logged).toEqual([expect.stringContaining('secret path')])
  })

  it('abandons what is in flight when it is closed', async () => {
    const { front, sent, request, logged } = await initializedFront({ findTools: untilAborted })
    request(1, 'tools/call', findTools())
    front.close()
    await front.settled()
    expect(sent).toEqual([])
    expect(logged).toEqual([])
  })

  it('passes on what is not its own, whatever it is', async () => {
    const { bridge, request, receive, sent } = await initializedFront()
    request(1, 'tools/call', { name: 'other' })
    request(2, 'resources/read', { uri: 'a:b' })
    request(3, 'tools/list')
    request(4, 'never/heard-of')
    receive({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' })
    receive(cancel(2))
    expect(bridge.requests).toEqual(['tools/call', 'resources/read', 'tools/list', 'never/heard-of'])
    expect(bridge.notifications).toEqual(['notifications/roots/list_changed', 'notifications/cancelled'])
    expect(sent).toEqual([])
  })

  it('refuses an id that is in flight at the worker', async () => {
    const { request, sent } = await initializedFront()
    request(1, 'tools/call', { name: 'other' })
    request(1, 'ping')
    expect(sent).toMatchObject([{ id: 1, error: { code: -32600 } }])
  })

  describe('while there is no worker', () => {
    it('gives the tools as they are remembered, asks nobody, and says so to who asks the next worker', async () => {
      const { bridge, answer } = await initializedFront({ rememberedTools: () => Buffer.from('{"tools":[1]}') })
      expect(await answer('a', 'tools/list')).toEqual({ jsonrpc: '2.0', id: 'a', result: { tools: [1] } })
      expect([bridge.noted, bridge.requests]).toEqual([['{"tools":[1]}'], []])
      await answer('b', 'prompts/list')
      expect(bridge.requests).toEqual(['prompts/list'])
    })

    it.each<[string, (made: Awaited<ReturnType<typeof initializedFront>>) => unknown, object?]>([
      ['the worker is there', ({ bridge }) => Object.assign(bridge, { isUp: true })],
      ['something may be attached', ({ answer }) => answer(1, 'tools/call', findTools())],
      ['another page is wanted', () => {}, { cursor: 'x' }],
    ])('does not where %s', async (_, prepare, params) => {
      const made = await initializedFront({ rememberedTools: () => Buffer.from('{}') })
      await prepare(made)
      made.request(2, 'tools/list', params)
      expect(made.bridge.requests).toEqual(['tools/list'])
    })

    it.each(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])(
      'has %s answered otherwise, and notes that the client holds it',
      async (method) => {
        const { bridge, answer } = await initializedFront()
        bridge.isAway = true
        expect(await answer('a', method)).toEqual({ jsonrpc: '2.0', id: 'a', result: { method } })
        expect(bridge.noted).toEqual([method])
      },
    )

    it('gives a list back to the worker when that has come back first', async () => {
      const { front, bridge, sent, request } = await initializedFront({
        list: () => {
          bridge.isAway = false
          return Promise.resolve(undefined)
        },
      })
      bridge.isAway = true
      request(1, 'tools/list')
      await front.settled()
      expect(bridge.requests).toEqual(['tools/list'])
      expect(sent).toEqual([])
    })

    it('stops a cancelled list and does not answer it', async () => {
      const { front, bridge, sent, request, receive } = await initializedFront({
        list: (_, signal) => untilAborted('', signal),
      })
      bridge.isAway = true
      request(1, 'tools/list')
      receive(cancel(1))
      await front.settled()
      expect(sent).toEqual([])
      expect(bridge.notifications).toEqual([])
    })

    it('says why a list cannot be had', async () => {
      const { bridge, answer } = await initializedFront({
        list: () => Promise.reject(new ServiceError('invalid_configuration', 'mcp.json is broken.')),
      })
      bridge.isAway = true
      expect(await answer(1, 'tools/list')).toMatchObject({ error: { code: -32603, message: 'mcp.json is broken.' } })
    })

    it('leaves lists to the worker where only that may answer', async () => {
      const { bridge, request } = await initializedFront({ list: undefined })
      request(1, 'tools/list')
      expect(bridge.requests).toEqual(['tools/list'])
    })
  })

  it('tells that the tools have changed after a one-shot has attached some, and leaves it to the worker otherwise', async () => {
    const { bridge, answer } = await initializedFront({
      findTools: () => Promise.resolve({ ...REPLY, source: bridge.isAway ? 'one-shot' : 'worker' }),
    })
    await answer(1, 'tools/call', findTools())
    expect(bridge.changes).toEqual([])
    bridge.isAway = true
    await answer(2, 'tools/call', findTools())
    expect(bridge.changes).toEqual(['tools/list'])
  })
})
