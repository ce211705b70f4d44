import { describe, expect, it } from 'vitest'
import { sampleServer } from '../../test/fixtures/sample-servers.ts'
import { AggregatedPool } from '../../test/support/aggregated-pool.ts'
import { features } from '../../test/support/features.ts'
import type { TestClient } from '../../test/support/pool-client.ts'

const DOCS = {
  prompts: ['summarise', 'docs only'],
  resources: ['file:///a', 'file:///both'],
  templates: ['file:///{+path}'],
}
const WIKI = { prompts: ['summarise'], resources: ['wiki://Start', 'file:///both'], templates: ['wiki://{page}{?rev}'] }

async function featuredPool(): Promise<AggregatedPool> {
  const all = await AggregatedPool.of([sampleServer('docs', []), sampleServer('wiki', []), sampleServer('plain', [])])
  all.fake.servers.behaviour.features = { docs: features('docs', DOCS), wiki: features('wiki', WIKI) }
  return all
}

const news = ({ messages }: TestClient) => messages.filter(({ method }) => method !== undefined)

describe('prompts', () => {
  it('are those of all servers in their order, as each has them, under names that tell them apart', async () => {
    await using all = await featuredPool()
    expect(await all.client().request('prompts/list')).toMatchObject({
      result: {
        prompts: [
          { name: 'summarise', description: 'of docs', x: [1.5] },
          { name: 'docs_only', description: 'of docs', x: [1.5] },
          { name: 'wiki__summarise', description: 'of wiki', x: [1.5] },
        ],
      },
    })
  })

  it.each([
    ['summarise', 'docs', 'summarise'],
    ['wiki__summarise', 'wiki', 'summarise'],
    ['wiki/summarise', 'wiki', 'summarise'],
    ['docs_only', 'docs', 'docs only'],
    ['docs only', 'docs', 'docs only'],
    ['docs__docs only', 'docs', 'docs only'],
  ])('are got by the name %s, whether they were listed or not', async (name, from, own) => {
    await using all = await featuredPool()
    const answer = await all.client().request('prompts/get', { name, arguments: { ü: '1' } })
    expect(answer).toMatchObject({ result: { from, params: { name: own, arguments: { ü: '1' } } } })
  })

  it.each([
    [{}, 'missing'],
    [{ name: 'sumarise' }, 'There is no prompt "sumarise". Did you mean docs/summarise or wiki/summarise?'],
    [{ name: 'unheard of' }, 'There is no prompt "unheard of".'],
  ])('are refused by %j', async (params, problem) => {
    await using all = await featuredPool()
    const { error } = await all.client().request('prompts/get', params)
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(problem) })
  })
})

describe('resources', () => {
  it('are those of all servers, as each has them, under URIs that say whose they are', async () => {
    await using all = await featuredPool()
    const client = all.client()
    const uris = ['pilotlight://docs/file:///a', 'pilotlight://docs/file:///both', 'pilotlight://wiki/wiki://Start']
    const listed = [...uris, 'pilotlight://wiki/file:///both'].map((uri) => ({ uri, size: 1 }))
    expect(await client.request('resources/list')).toMatchObject({ result: { resources: listed } })
    const templates = ['pilotlight://docs/file:///{+path}', 'pilotlight://wiki/wiki://{page}{?rev}']
    expect(await client.request('resources/templates/list')).toMatchObject({
      result: { resourceTemplates: templates.map((uriTemplate) => ({ uriTemplate })) },
    })
  })

  it('are read at their server, which knows its own URI alone, and come back under ours', async () => {
    await using all = await featuredPool()
    const uri = 'pilotlight://wiki/wiki://Start?rev=2#top'
    expect(await all.client().request('resources/read', { uri })).toMatchObject({
      result: {
        contents: [
          { uri, text: 'uri wiki' },
          { uri: `${uri}/part`, blob: '' },
        ],
        uri: 'wiki://Start?rev=2#top',
      },
    })
    expect(all.fake.servers.opened.map(({ definition }) => definition.name)).toEqual(['wiki'])
  })

  it.each([
    ['the only server that lists it', 'file:///a', 'docs'],
    ['the only one with a template it is made of', 'wiki://Other?rev=1', 'wiki'],
  ])('are read by the server’s own URI from %s, and come back under that', async (_, uri, from) => {
    await using all = await featuredPool()
    expect(await all.client().request('resources/read', { uri })).toMatchObject({
      result: { contents: [{ uri, text: `uri ${from}` }, { uri: `${uri}/part` }], uri },
    })
  })

  it.each([
    [{}, 'missing'],
    [
      { uri: 'http://else' },
      'No server lists the resource "http://else". Say whose it is: pilotlight://<server>/<uri>.',
    ],
    [{ uri: 'file:///both' }, 'Say pilotlight://docs/file:///both or pilotlight://wiki/file:///both.'],
    [{ uri: 'pilotlight://nowhere/x' }, 'no server "nowhere"'],
  ])('are refused by %j', async (params, problem) => {
    await using all = await featuredPool()
    const { error } = await all.client().request('resources/read', params)
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(problem) })
  })

  it('are told of, when they change, under the URI that the client subscribed to', async () => {
    await using all = await featuredPool()
    const client = all.client()
    for (const uri of ['pilotlight://docs/file:///a', 'wiki://Start']) {
      expect(await client.request('resources/subscribe', { uri })).toHaveProperty('result')
    }
    const update = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri, title: 't' } })
    const [docs, wiki] = [await all.process('docs'), await all.process('wiki')]
    docs.say(update('file:///a'))
    wiki.say(update('wiki://Start'))
    wiki.say(update('wiki://Start/section'))
    const uris = ['pilotlight://docs/file:///a', 'wiki://Start', 'wiki://Start/section']
    expect(news(client)).toMatchObject(uris.map(update))
    await client.request('resources/unsubscribe', { uri: 'pilotlight://docs/file:///a' })
    expect(docs.messages.at(-1)).toMatchObject({ method: 'resources/unsubscribe', params: { uri: 'file:///a' } })
    docs.say(update('file:///a'))
    expect(news(client)).toHaveLength(3)
    await client.request('resources/unsubscribe', { uri: 'wiki://Start' })
    await client.request('resources/subscribe', { uri: 'pilotlight://wiki/wiki://Start' })
    wiki.say(update('wiki://Start'))
    expect(news(client).at(-1)).toMatchObject(update('pilotlight://wiki/wiki://Start'))
  })
})

describe('completion/complete', () => {
  const argument = { name: 'a', value: 'v' }

  it.each([
    [{ type: 'ref/prompt', name: 'wiki__summarise' }, 'wiki', { type: 'ref/prompt', name: 'summarise' }],
    [
      { type: 'ref/resource', uri: 'pilotlight://docs/file:///{+path}' },
      'docs',
      { type: 'ref/resource', uri: 'file:///{+path}' },
    ],
    [
      { uri: 'wiki://{page}{?rev}', type: 'ref/resource' },
      'wiki',
      { uri: 'wiki://{page}{?rev}', type: 'ref/resource' },
    ],
  ])('asks the server that has %j', async (ref, from, own) => {
    await using all = await featuredPool()
    const answer = await all
      .client()
      .request('completion/complete', { ref, argument, context: { arguments: { b: 'w' } } })
    expect(answer).toMatchObject({
      result: { from, params: { ref: own, argument, context: { arguments: { b: 'w' } } } },
    })
  })

  it.each([{}, { ref: 'x' }, { ref: { type: 'ref/other' } }, { ref: { type: 'ref/prompt' } }])(
    'refuses %j',
    async (params) => {
      await using all = await featuredPool()
      expect(await all.client().request('completion/complete', params)).toMatchObject({ error: { code: -32602 } })
    },
  )
})

describe('changes of lists', () => {
  it.each(['prompts', 'resources'] as const)(
    'of %s reach every client once, however often they are told',
    async (list) => {
      await using all = await featuredPool()
      const clients = [all.client(), all.client()]
      await clients[0]?.request(`${list}/list`)
      const docs = await all.process('docs')
      const method = `notifications/${list}/list_changed`
      for (let time = 0; time < 3; time++) {
        docs.say({ method })
        all.lists.changed('docs', list)
      }
      await all.fake.clock.advance(1_000)
      for (const client of clients) expect(news(client)).toMatchObject([{ method }])
    },
  )
})
