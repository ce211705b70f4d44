import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddingsServer, startEmbeddingsServer } from '../../../test/fixtures/embeddings/embeddings-server.ts'
import { embedNgrams } from '../../../test/fixtures/embeddings/ngram-embedder.ts'
import { SAMPLE_SERVERS } from '../../../test/fixtures/sample-servers.ts'
import { HOSTILE, replyJson, SLOW } from '../../../test/fixtures/selector/behaviours.ts'
import { RecordingObserver } from '../../../test/fixtures/selector/recording-observer.ts'
import type { ListedServer } from '../../tool-catalog/tool-catalog.ts'
import { SemanticSearch, type SemanticSearchOptions } from './semantic-search.ts'

const NEVER = new AbortController().signal
const KEY = 'sk-very-secret'
const TOOLS = toolsOf(SAMPLE_SERVERS)

let folder: string
let endpoint: EmbeddingsServer
let afterTest: AsyncDisposableStack

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotlight-semantics-'))
  afterTest = new AsyncDisposableStack()
  endpoint = afterTest.use(await startEmbeddingsServer({ apiKey: KEY }))
})

afterEach(async () => {
  await afterTest.disposeAsync()
  await rm(folder, { recursive: true })
})

function toolsOf(servers: readonly ListedServer[]) {
  return servers.flatMap((server) => server.tools.map((tool) => ({ server, tool })))
}

interface Open {
  search: SemanticSearch
  events: string[]
}

function open(options: Partial<SemanticSearchOptions> = {}): Open {
  const events: string[] = []
  const search = new SemanticSearch({
    url: endpoint.url,
    model: 'ngrams',
    apiKey: KEY,
    queryTimeoutMs: 60_000,
    path: join(folder, 'embeddings', 'kept.bin'),
    pause: { leastMs: 10, mostMs: 20 },
    observer: {
      requests: new RecordingObserver(),
      lost: (reason) => void events.push(`lost: ${reason}`),
      back: () => void events.push('back'),
      warn: (message) => void events.push(message),
    },
    ...options,
  })
  afterTest.use(search)
  return { search, events }
}

function keepUp(search: SemanticSearch, servers: readonly ListedServer[] = SAMPLE_SERVERS) {
  search.keepUpWith({ servers: () => servers })
}

async function embedded(search: SemanticSearch): Promise<void> {
  await expect.poll(() => search.status()).toMatchObject({ status: 'ready', tools: TOOLS.length })
}

async function bestFor(search: SemanticSearch, query: string): Promise<string | undefined> {
  const near = await search.similaritiesTo(query, TOOLS, NEVER)
  if ('reason' in near) return near.reason
  return TOOLS[near.values.indexOf(Math.max(...near.values))]?.tool.name
}

function inputs(): string[] {
  return endpoint.requests.flatMap(({ input }) => input)
}

describe('searching by meaning', () => {
  it('tells how near each tool is to a query', async () => {
    const { search } = open()
    keepUp(search)
    await embedded(search)
    expect(await bestFor(search, 'message to a recipient')).toBe('send_email')
  })

  it('sends the key, the model and texts that say what tools do', async () => {
    const { search } = open()
    keepUp(search)
    await embedded(search)
    expect(endpoint.requests[0]).toMatchObject({ path: '/v1/embeddings', model: 'ngrams' })
    expect(endpoint.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(inputs()).toHaveLength(TOOLS.length)
    expect(inputs().find((text) => text.includes('send email'))).toContain('subject')
  })

  it('asks for the vector of a query once', async () => {
    const { search } = open()
    keepUp(search)
    await embedded(search)
    await bestFor(search, 'message to a recipient')
    await bestFor(search, ' message  to a   recipient ')
    expect(inputs().filter((text) => text === 'message to a recipient')).toHaveLength(1)
  })

  it('embeds what is new alone, and nothing that another process has kept', async () => {
    const [first, ...others] = SAMPLE_SERVERS
    const before = open()
    keepUp(before.search, others)
    await expect.poll(() => before.search.status().embedded).toBe(toolsOf(others).length)
    await before.search[Symbol.asyncDispose]()
    const asked = inputs().length
    const { search } = open()
    keepUp(search)
    await embedded(search)
    expect(inputs().length - asked).toBe(first?.tools.length)
  })

  it('has in a process that does not keep up what another has kept', async () => {
    const keeper = open().search
    keepUp(keeper)
    await embedded(keeper)
    await keeper[Symbol.asyncDispose]()
    const asked = inputs().length
    expect(await bestFor(open().search, 'message to a recipient')).toBe('send_email')
    expect(inputs().length - asked).toBe(1)
  })

  it('says how far it is while tools are being embedded', async () => {
    const near = await open().search.similaritiesTo('message to a recipient', TOOLS, NEVER)
    expect(near).toEqual({ reason: `0 of ${TOOLS.length} tools have been embedded so far.` })
  })

  it('begins anew with another model', async () => {
    const before = open()
    keepUp(before.search)
    await embedded(before.search)
    await before.search[Symbol.asyncDispose]()
    const asked = inputs().length
    const { search } = open({ model: 'others' })
    keepUp(search)
    await embedded(search)
    expect(inputs().length - asked).toBe(TOOLS.length)
  })

  it('does without the one text that the endpoint refuses', async () => {
    endpoint = afterTest.use(
      await startEmbeddingsServer({ apiKey: KEY, refuses: (text) => text.includes('send email') }),
    )
    const { search, events } = open()
    keepUp(search)
    await embedded(search)
    expect(await bestFor(search, 'read a file')).toBe('read_file')
    const near = await search.similaritiesTo('message to a recipient', TOOLS, NEVER)
    const place = TOOLS.findIndex(({ tool }) => tool.name === 'send_email')
    expect('values' in near && near.values[place]).toBe(0)
    expect(events).toEqual([])
  })

  it('begins anew where another model answers under the same name', async () => {
    let dimensions = 384
    endpoint = afterTest.use(
      await startEmbeddingsServer({ apiKey: KEY, embed: (text) => embedNgrams(text, dimensions) }),
    )
    const { search } = open()
    keepUp(search)
    await embedded(search)
    expect(await bestFor(search, 'message to a recipient')).toBe('send_email')
    dimensions = 100
    expect(await bestFor(search, 'message to another recipient')).toBe(
      'The embeddings endpoint answered with vectors of 100 numbers, where those of tools have 384.',
    )
    await expect.poll(() => bestFor(search, 'message to a recipient')).toBe('send_email')
  })

  it('says what the endpoint says of a query that it refuses, and of a model that it does not have', async () => {
    endpoint = afterTest.use(await startEmbeddingsServer({ apiKey: KEY, refuses: (text) => text.includes('unlike') }))
    const { search, events } = open()
    keepUp(search)
    await embedded(search)
    const reason = `Embeddings endpoint at ${endpoint.url} answered 400: "This text is too long.".`
    expect(await search.similaritiesTo('unlike all else', TOOLS, NEVER)).toEqual({ reason })
    expect(await bestFor(search, 'message to a recipient')).toBe('send_email')
    expect(events).toEqual([])
    endpoint.behave(replyJson({ error: { message: 'There is no such model' } }, 400))
    const other = open({ model: 'unknown' })
    keepUp(other.search)
    const lost = `lost: Embeddings endpoint at ${endpoint.url} answered 400: "There is no such model".`
    await expect.poll(() => other.events).toEqual([lost])
  })

  it('ends while it waits to ask again', async () => {
    endpoint.behave(replyJson({}, 500))
    const { search } = open({ pause: { leastMs: 3_600_000, mostMs: 3_600_000 } })
    keepUp(search)
    await expect.poll(() => search.status().status).toBe('not_ready')
    await search[Symbol.asyncDispose]()
  })

  it('leaves a search that is cancelled', async () => {
    const { search } = open()
    keepUp(search)
    await embedded(search)
    endpoint.behave(SLOW.silence)
    const leaving = new AbortController()
    const near = search.similaritiesTo('message to a recipient', TOOLS, leaving.signal)
    setImmediate(() => leaving.abort())
    await expect(near).rejects.toMatchObject({ code: 'cancelled' })
    expect(search.status().status).toBe('ready')
  })
})

const VECTOR = embedNgrams('anything')
const one = (embedding: unknown) => replyJson({ data: [{ index: 0, embedding }] })

const WRONG = {
  ...HOSTILE,
  ...SLOW,
  'too few vectors': replyJson({ data: [] }),
  'too many vectors': replyJson({ data: [{ embedding: VECTOR }, { embedding: VECTOR }] }),
  'another number of dimensions': one([1, 2, 3]),
  'a vector without numbers': one([]),
  'a vector of text': one(VECTOR.map(String)),
  'a vector with a hole': one([null, ...VECTOR.slice(1)]),
  'a vector of nothing but zeros': one(VECTOR.map(() => 0)),
  'numbers too large to be': one(VECTOR.map(() => 1e308)),
  'a vector in base64': one('AAAA'),
  'a number of its own': replyJson({ data: [{ index: 7, embedding: VECTOR }] }),
  'no list': replyJson({ data: {} }),
  'a refused key': replyJson({ error: { message: 'Incorrect API key provided: sk-very*****cret' } }, 401),
}

describe.each(Object.entries(WRONG))('an endpoint that answers with %s', (_, behaviour) => {
  it('costs the meaning and no more, is asked until it is well, and never hears of by its key', async () => {
    const { search, events } = open({ queryTimeoutMs: 300 })
    keepUp(search)
    await embedded(search)
    endpoint.behave(behaviour)
    const near = await search.similaritiesTo('message to a recipient', TOOLS, NEVER)
    expect(near).toHaveProperty('reason')
    // Lost or refused, whatever it was, the next search does not wait for it again.
    endpoint.behave(undefined)
    await expect.poll(() => bestFor(search, 'message to a recipient')).toBe('send_email')
    expect(JSON.stringify([near, events, search.status()])).not.toMatch(/sk-very/)
  })
})

describe('an endpoint that is not there', () => {
  it('is said not to be, at once, and is used when it comes', async () => {
    const { search, events } = open({ url: 'http://127.0.0.1:9/v1' })
    keepUp(search)
    const reason = 'Embeddings endpoint at http://127.0.0.1:9/v1 refused the connection; is it running?'
    await expect.poll(() => search.status()).toMatchObject({ status: 'not_ready', reason, embedded: 0 })
    expect(await search.similaritiesTo('message to a recipient', TOOLS, NEVER)).toEqual({ reason })
    expect(events).toEqual([`lost: ${reason}`])
  })
})
