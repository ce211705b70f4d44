import { describe, expect, it } from 'vitest'
import { sampleServer } from '../../test/fixtures/sample-servers.ts'
import { AggregatedPool } from '../../test/support/aggregated-pool.ts'
import { features } from '../../test/support/features.ts'
import { settle } from '../../test/support/manual-clock.ts'
import type { TestClient } from '../../test/support/pool-client.ts'

const NEVER = new AbortController().signal

async function poolOf(...names: string[]): Promise<AggregatedPool> {
  return AggregatedPool.of(names.map((name) => sampleServer(name, [])))
}

function askedFor(all: AggregatedPool, method: string): (string | undefined)[] {
  return all.fake.servers.opened.flatMap(({ definition, messages }) =>
    messages.filter((message) => message.method === method).map(() => definition.name),
  )
}

function newsFor({ messages }: TestClient): (string | undefined)[] {
  return messages.flatMap(({ method }) => method ?? [])
}

const pageOf = (result: object) => [Buffer.from(JSON.stringify(result))]
const PROMPTS_OF_A = new Map([
  ['initialize', pageOf({ capabilities: { prompts: {} } })],
  ['prompts/list', pageOf({ prompts: [{ name: 'remembered' }, { name: 7 }] })],
] as const)

describe('PoolLists', () => {
  it('has the list of a server that is remembered, and starts none for it', async () => {
    await using all = await poolOf('a')
    all.remembered.set('a', PROMPTS_OF_A)
    expect(await all.lists.of('prompts', NEVER)).toEqual([{ server: 'a', items: [{ name: 'remembered' }] }])
    expect(await all.lists.of('resources', NEVER)).toEqual([{ server: 'a', items: [] }])
    expect(all.fake.servers.opened).toEqual([])
    all.fake.servers.behaviour.features = { a: features('a', { prompts: ['p'] }) }
    await all.fake.pool.start('a')
    all.lists.started('a')
    expect(await all.lists.of('prompts', NEVER)).toMatchObject([{ items: [{ name: 'p' }] }])
  })

  it('tells when a server that is asked for all its lists has others than were remembered', async () => {
    await using all = await poolOf('a')
    all.remembered.set('a', PROMPTS_OF_A)
    const client = all.client()
    await client.request('prompts/list')
    all.lists.listed('a')
    await all.fake.clock.advance(1_000)
    expect(newsFor(client)).toEqual([])
    all.remembered.set('a', new Map([...PROMPTS_OF_A, ['prompts/list', pageOf({ prompts: [{ name: 'other' }] })]]))
    for (let time = 0; time < 2; time++) all.lists.listed('a')
    await all.fake.clock.advance(1_000)
    expect(newsFor(client)).toEqual(['notifications/prompts/list_changed'])
    expect(await all.lists.of('prompts', NEVER)).toMatchObject([{ items: [{ name: 'other' }] }])
  })

  it('tells when a server that had none has some, after it has started anew without a word', async () => {
    await using all = await poolOf('a')
    all.remembered.set('a', new Map([['initialize', pageOf({ capabilities: {} })] as const]))
    const client = all.client()
    await client.request('prompts/list')
    all.lists.started('a')
    all.remembered.set('a', PROMPTS_OF_A)
    all.lists.listed('a')
    await all.fake.clock.advance(1_000)
    expect(newsFor(client)).toEqual(['notifications/prompts/list_changed'])
  })

  it('tells those who have an older list when another client is given a newer one', async () => {
    await using all = await poolOf('a')
    all.fake.servers.behaviour.features = { a: features('a', { prompts: ['p'], tells: false }) }
    const client = all.client()
    await client.request('prompts/list')
    all.fake.servers.behaviour.features = { a: features('a', { prompts: ['q'], tells: false }) }
    await all.lists.of('prompts', NEVER)
    await all.fake.clock.advance(1_000)
    expect(newsFor(client)).toEqual(['notifications/prompts/list_changed'])
  })

  it('waits for no server that could not be listed, and tells when it can', async () => {
    await using all = await poolOf('a', 'b')
    all.fake.servers.behaviour.start = 'silent'
    all.hopeless.add('a')
    all.remembered.set('b', PROMPTS_OF_A)
    const client = all.client()
    expect(await client.request('prompts/list')).toMatchObject({ result: { prompts: [{ name: 'remembered' }] } })
    expect(all.fake.servers.opened).toEqual([])
    all.hopeless.delete('a')
    all.remembered.set('a', PROMPTS_OF_A)
    for (let time = 0; time < 2; time++) all.lists.listed('a')
    await all.fake.clock.advance(1_000)
    expect(client.messages.filter(({ method }) => method !== undefined)).toMatchObject([
      { method: 'notifications/prompts/list_changed' },
    ])
    expect(await all.lists.of('prompts', NEVER)).toHaveLength(2)
  })

  it('asks servers for what they say that they have, and no others', async () => {
    await using all = await poolOf('a', 'b')
    all.fake.servers.behaviour.features = {
      a: features('a', { prompts: ['p'] }),
      b: features('b', { resources: ['r:r'] }),
    }
    expect(await all.lists.of('prompts', NEVER)).toMatchObject([
      { server: 'a', items: [{ name: 'p' }] },
      { server: 'b', items: [] },
    ])
    expect(await all.lists.of('resources', NEVER)).toMatchObject([{ items: [] }, { items: [{ uri: 'r:r' }] }])
    expect(await all.lists.of('resourceTemplates', NEVER)).toMatchObject([{ items: [] }, { items: [] }])
    expect(askedFor(all, 'prompts/list')).toEqual(['a'])
    expect(askedFor(all, 'resources/list')).toEqual(['b'])
    expect(askedFor(all, 'resources/templates/list')).toEqual(['b'])
  })

  it('has a list of a server that tells of changes until it does, or starts anew', async () => {
    await using all = await poolOf('a')
    all.fake.servers.behaviour.features = { a: features('a', { prompts: ['p'] }) }
    for (let time = 0; time < 3; time++) await all.lists.of('prompts', NEVER)
    expect(askedFor(all, 'prompts/list')).toHaveLength(1)
    all.lists.changed('a', 'tools')
    all.lists.changed('a', 'resources')
    await all.lists.of('prompts', NEVER)
    expect(askedFor(all, 'prompts/list')).toHaveLength(1)
    all.lists.changed('a', 'prompts')
    await all.lists.of('prompts', NEVER)
    expect(askedFor(all, 'prompts/list')).toHaveLength(2)
    all.lists.started('a')
    await all.lists.of('prompts', NEVER)
    expect(askedFor(all, 'prompts/list')).toHaveLength(3)
  })

  it('asks a server that tells of nothing each time, but starts it only once', async () => {
    await using all = await poolOf('a')
    all.fake.servers.behaviour.features = { a: features('a', { prompts: ['p'], tells: false }) }
    await all.lists.of('prompts', NEVER)
    await all.lists.of('prompts', NEVER)
    expect(askedFor(all, 'prompts/list')).toHaveLength(2)
    await all.fake.pool.stop('a')
    expect(await all.lists.of('prompts', NEVER)).toMatchObject([{ items: [{ name: 'p' }] }])
    expect(all.fake.servers.opened).toHaveLength(1)
  })

  it('leaves out a server that is late, says so once, and tells when its list has come', async () => {
    await using all = await poolOf('late', 'quick')
    const late = features('late', { prompts: ['p'] })
    all.fake.servers.behaviour.features = {
      late: { ...late, results: { ...late.results, 'prompts/list': () => undefined } },
      quick: features('quick', { prompts: ['q'] }),
    }
    const client = all.client()
    const listed = client.request('prompts/list')
    await all.fake.clock.advance(5_000)
    expect(await listed).toMatchObject({ result: { prompts: [{ name: 'q' }] } })
    expect(await client.request('prompts/list')).toMatchObject({ result: { prompts: [{ name: 'q' }] } })
    expect(all.missing).toMatchObject([
      ['late', 'prompts', { code: 'timeout', message: expect.stringContaining('within 5000 ms') }],
    ])
    const server = await all.process('late')
    const { id } = server.messages.find(({ method }) => method === 'prompts/list') ?? {}
    server.say({ id: Number(id), result: { prompts: [{ name: 'p' }] } })
    await all.fake.clock.advance(1_000)
    expect(client.messages.at(-1)).toMatchObject({ method: 'notifications/prompts/list_changed' })
    expect(await client.request('prompts/list')).toMatchObject({ result: { prompts: [{ name: 'p' }, { name: 'q' }] } })
  })

  it('does not wait for a server again that was late, until it has listed', async () => {
    await using all = await poolOf('hangs', 'quick')
    all.fake.servers.behaviour.features = {
      quick: features('quick', { prompts: ['q'] }),
      hangs: features('hangs', { prompts: ['p'] }),
    }
    all.fake.servers.behaviour.start = 'silent'
    const first = all.lists.of('prompts', NEVER)
    await all.fake.clock.advance(5_000)
    expect(await first).toEqual([])
    await all.fake.clock.advance(60_000)
    expect(await all.lists.of('prompts', NEVER)).toEqual([])
    all.fake.servers.behaviour.start = 'ready'
    await all.fake.clock.advance(60_000)
    await all.lists.of('prompts', NEVER)
    await settle()
    expect(await all.lists.of('prompts', NEVER)).toMatchObject([{ items: [{ name: 'p' }] }, { items: [{ name: 'q' }] }])
  })

  it('leaves out a server that fails, says why, and asks it again the next time', async () => {
    await using all = await poolOf('a')
    all.fake.servers.behaviour.features = { a: features('a', { prompts: ['p'] }) }
    all.fake.servers.behaviour.start = 'refuse'
    expect(await all.lists.of('prompts', NEVER)).toEqual([])
    expect(all.missing).toMatchObject([['a', 'prompts', { message: expect.any(String) }]])
    all.fake.servers.behaviour.start = 'ready'
    await all.fake.clock.advance(60_000)
    expect(await all.lists.of('prompts', NEVER)).toMatchObject([{ items: [{ name: 'p' }] }])
  })

  it('starts four servers at once', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `s${index}`)
    await using all = await poolOf(...names)
    all.fake.servers.behaviour.start = 'silent'
    const listed = all.lists.of('prompts', NEVER)
    await settle()
    expect(all.fake.servers.opened).toHaveLength(4)
    await all.fake.clock.advance(5_000)
    expect(await listed).toEqual([])
    expect(all.missing).toHaveLength(9)
  })

  it('leaves out broken items alone, and what comes twice', async () => {
    await using all = await poolOf('a')
    const good = { name: 'good', uri: 'a:a', title: 'T', x: null }
    const resources = [
      null,
      7,
      [],
      {},
      good,
      { uri: 'b:b' },
      { name: 'n' },
      { name: '', uri: 'c:c' },
      { name: 7, uri: 'd:d' },
      { name: 'twice', uri: 'a:a' },
    ]
    const { capabilities } = features('a', { resources: [] })
    all.fake.servers.behaviour.features = { a: { capabilities, results: { 'resources/list': () => ({ resources }) } } }
    expect(await all.lists.of('resources', NEVER)).toEqual([{ server: 'a', items: [good] }])
  })

  it('has all pages, and nothing of a list that never ends', async () => {
    await using all = await poolOf('a', 'b')
    const { capabilities } = features('a', { prompts: [] })
    const paged = ({ cursor = '0' }: Record<string, unknown>) => {
      const page = Number(cursor)
      return { prompts: [{ name: `p${page}` }], ...(page < 2 && { nextCursor: String(page + 1) }) }
    }
    all.fake.servers.behaviour.features = {
      a: { capabilities, results: { 'prompts/list': paged } },
      b: { capabilities, results: { 'prompts/list': () => ({ prompts: [], nextCursor: 'same' }) } },
    }
    const lists = await all.lists.of('prompts', NEVER)
    expect(lists).toMatchObject([{ server: 'a', items: [{ name: 'p0' }, { name: 'p1' }, { name: 'p2' }] }])
    expect(all.missing).toMatchObject([['b', 'prompts', { message: expect.stringContaining('never ends') }]])
  })

  it('is not waited for by who gives up', async () => {
    await using all = await poolOf('a')
    all.fake.servers.behaviour.start = 'silent'
    const stop = new AbortController()
    const reason = new Error('enough')
    const listed = all.lists.of('prompts', stop.signal)
    stop.abort(reason)
    await expect(listed).rejects.toBe(reason)
  })
})
