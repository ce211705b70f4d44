import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { SpawnedGroups } from '../../test/support/spawned-groups.ts'
import { createConnector } from '../server-pool/connectors/open-connection.ts'
import { createListServer } from '../server-pool/list-server.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { type CatalogOptions, openCatalog } from './open-catalog.ts'
import type { ListServer, ServerListing } from './server-listing.ts'
import type { ToolCatalog } from './tool-catalog.ts'

const NEVER = new AbortController().signal
const NOW = 1_700_000_000_000

function listingOf(...names: string[]): ServerListing {
  const tools = names.map((name) => ({ name, inputSchema: { type: 'object' } }))
  return { title: undefined, description: undefined, tools, withheld: [] }
}

/** A place in which catalogues are opened one after another; each records what it asked and what was observed. */
async function catalogHome() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'open-catalog-'))
  const cacheFolder = join(folder.path, 'pilotlight')
  return {
    cacheFolder,
    summary: async () => JSON.parse(await readFile(join(cacheFolder, 'catalog-summary.json'), 'utf8')) as unknown,
    async open(
      names: string[],
      answers: Record<string, string[] | Error | ListServer>,
      overrides: Partial<CatalogOptions> = {},
    ) {
      const asked: string[] = []
      const observed: unknown[][] = []
      const opened = openCatalog({
        servers: names.map((name) => fixtureServer(name)),
        unusable: [],
        cacheFolder,
        listing: 'missing',
        now: () => NOW,
        async listServer(definition, signal) {
          asked.push(definition.name)
          const answer = answers[definition.name]
          if (typeof answer === 'function') return answer(definition, signal)
          if (Array.isArray(answer)) return listingOf(...answer)
          throw answer ?? new Error('no answer')
        },
        observer: {
          serverListed: (...event) => observed.push(['listed', ...event]),
          serverSkipped: (name, { message }) => observed.push(['skipped', name, message]),
          toolWithheld: (...event) => observed.push(['withheld', ...event]),
          snapshotFailed: (message) => observed.push(['snapshot failed', message]),
        },
        ...overrides,
      })
      return { ...opened, asked, observed }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

function toolsOf(catalog: ToolCatalog): Record<string, string[]> {
  return Object.fromEntries(catalog.servers().map(({ name, tools }) => [name, tools.map((tool) => tool.name)]))
}

const untilAborted: ListServer = (_, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('openCatalog', () => {
  it('asks only new and changed servers when it is configured anew', async () => {
    await using home = await catalogHome()
    await using opened = await home.open(
      ['a', 'b', 'c'],
      { a: ['x'], b: ['y'], c: ['z'], d: ['w'] },
      { listing: 'all' },
    )
    await opened.synced
    opened.asked.length = 0
    const servers = [fixtureServer('d'), fixtureServer('b', { env: { KEY: '1' } }), fixtureServer('a')]
    await opened.configure({ servers, unusable: [{ name: 'e', reason: 'KEY not set' }] })
    expect(opened.asked.toSorted()).toEqual(['b', 'd'])
    expect(toolsOf(opened.catalog)).toEqual({ d: ['w'], b: ['y'], a: ['x'] })
    expect(opened.catalog.skipped()).toEqual(new Map([['e', 'KEY not set']]))
    expect(await home.summary()).toMatchObject({})
  })

  it('asks every server the first time, and remembers what they said', async () => {
    await using home = await catalogHome()
    {
      await using first = await home.open(['a', 'b'], { a: ['x'], b: ['y', 'z'] })
      await first.catalog.settled(NEVER)
      expect(toolsOf(first.catalog)).toEqual({ a: ['x'], b: ['y', 'z'] })
      expect(first.observed).toEqual([
        ['listed', 'a', 1],
        ['listed', 'b', 2],
      ])
    }
    await using second = await home.open(['a', 'b'], {})
    await second.catalog.settled(NEVER)
    expect(toolsOf(second.catalog)).toEqual({ a: ['x'], b: ['y', 'z'] })
    expect(second.asked).toEqual([])
    expect(await home.summary()).toEqual({ tools: 3, servers: ['a', 'b'] })
  })

  it('asks only servers of which nothing is remembered, when those are missing', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a', 'b'], {
      a: ['x'],
      b: new ServiceError('server_unavailable', 'server "b": it broke.'),
    })
    await first.synced
    await using second = await home.open(['c', 'b', 'a'], { c: ['z'] })
    await second.synced
    expect(second.asked).toEqual(['c'])
    expect(toolsOf(second.catalog)).toEqual({ c: ['z'], a: ['x'] })
    expect([...second.catalog.skipped()]).toEqual([['b', 'it broke']])
  })

  it('answers from what is remembered while all servers are asked again', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a', 'b'], { a: ['x'], b: ['y'] })
    await first.synced
    const gate = Promise.withResolvers<ServerListing>()
    await using second = await home.open(
      ['a', 'b'],
      { a: () => gate.promise, b: ['y'] },
      { listing: 'all', refreshDelayMs: 0 },
    )
    await second.catalog.settled(NEVER)
    expect(toolsOf(second.catalog)).toEqual({ a: ['x'], b: ['y'] })
    const { revision } = second.catalog
    gate.resolve(listingOf('x', 'new'))
    await second.refreshed
    expect(second.asked).toEqual(['a', 'b'])
    expect(toolsOf(second.catalog)).toEqual({ a: ['x', 'new'], b: ['y'] })
    expect(second.catalog.revision).toBe(revision + 1)
    expect(await home.summary()).toEqual({ tools: 3, servers: ['a', 'b'] })
  })

  it('asks at once for what it does not remember, and for the rest only when there is time', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: ['x'] })
    await first.synced
    await using second = await home.open(['a', 'b'], { a: ['x'], b: ['y'] }, { listing: 'all' })
    await second.synced
    expect(second.asked).toEqual(['b'])
  })

  it('keeps the tools of a server that fails when it is asked again, here and for the next', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: ['x'] })
    await first.synced
    await using second = await home.open(
      ['a'],
      { a: new ServiceError('timeout', 'too late') },
      { listing: 'all', refreshDelayMs: 0 },
    )
    await second.refreshed
    expect(toolsOf(second.catalog)).toEqual({ a: ['x'] })
    expect(second.catalog.skipped().size).toBe(0)
    expect(second.observed).toEqual([['skipped', 'a', 'too late']])
    await using third = await home.open(['a'], {})
    expect(toolsOf(third.catalog)).toEqual({ a: ['x'] })
  })

  it('asks a server that failed again when all are asked, and forgets the failure', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: new Error('bug') })
    await first.synced
    expect([...first.catalog.skipped()]).toEqual([['a', 'An unexpected error occurred']])
    await using second = await home.open(['a'], { a: ['x'] }, { listing: 'all' })
    await second.synced
    await using third = await home.open(['a'], {})
    expect(toolsOf(third.catalog)).toEqual({ a: ['x'] })
  })

  it('remembers a failure for ten minutes', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: new ServiceError('timeout', 'too late') })
    await first.synced
    const later = (ms: number) => home.open(['a'], { a: ['x'] }, { now: () => NOW + ms })
    await using soon = await later(599_999)
    await soon.synced
    expect([soon.asked, [...soon.catalog.skipped()]]).toEqual([[], [['a', 'too late']]])
    await using late = await later(600_000)
    await late.synced
    expect(toolsOf(late.catalog)).toEqual({ a: ['x'] })
  })

  it('lists a redefined server anew', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: ['x'] })
    await first.synced
    const servers = [fixtureServer('a', { args: ['--other'] })]
    await using second = await home.open([], { a: ['y'] }, { servers })
    await second.synced
    expect(toolsOf(second.catalog)).toEqual({ a: ['y'] })
  })

  it('applies a changed choice of tools to what is remembered', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: ['read', 'write'] })
    await first.synced
    const servers = [fixtureServer('a', { excludeTools: ['write'] })]
    await using second = await home.open([], {}, { servers })
    await second.synced
    expect([second.asked, toolsOf(second.catalog)]).toEqual([[], { a: ['read'] }])
    expect(await home.summary()).toEqual({ tools: 1, servers: ['a'] })
  })

  it('skips servers that the configuration cannot use, and settles', async () => {
    await using home = await catalogHome()
    const unusable = [{ name: 'b', reason: 'KEY not set' }]
    await using opened = await home.open(['a'], { a: [] }, { unusable })
    await opened.catalog.settled(NEVER)
    expect([...opened.catalog.skipped()]).toEqual([['b', 'KEY not set']])
    expect(opened.observed[0]).toEqual(['skipped', 'b', 'server "b": KEY not set.'])
  })

  it('asks four servers at once and no more, and one bad server disturbs no other', async () => {
    await using home = await catalogHome()
    const names = Array.from({ length: 12 }, (_, i) => `s${i}`)
    let running = 0
    let most = 0
    const slowly: ListServer = async ({ name }) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      if (name === 's3') throw new ServiceError('server_unavailable', 'broken')
      return listingOf(`${name}_tool`)
    }
    await using opened = await home.open(names, Object.fromEntries(names.map((name) => [name, slowly])))
    await opened.catalog.settled(NEVER)
    expect(most).toBe(4)
    expect(opened.catalog.servers().map(({ name }) => name)).toEqual(names.filter((name) => name !== 's3'))
    expect([...opened.catalog.skipped()]).toEqual([['s3', 'broken']])
  })

  it('tells which tools were withheld', async () => {
    await using home = await catalogHome()
    const withheld = [{ name: 'broken', reason: 'it has no name' }]
    await using opened = await home.open(['a'], { a: async () => ({ ...listingOf('x'), withheld }) })
    await opened.synced
    expect(opened.observed).toEqual([
      ['listed', 'a', 1],
      ['withheld', 'a', withheld[0]],
    ])
  })

  it('works without a place to remember in, and says so', async () => {
    await using home = await catalogHome()
    await writeFile(home.cacheFolder, 'a file in its place')
    await using opened = await home.open(['a'], { a: ['x'] })
    await opened.synced
    expect(toolsOf(opened.catalog)).toEqual({ a: ['x'] })
    expect(opened.observed.filter(([event]) => event === 'snapshot failed')).toHaveLength(2)
  })
})

describe('closing a catalogue', () => {
  it('ends what is being asked, and starts nothing more', async () => {
    await using home = await catalogHome()
    const names = ['a', 'b', 'c', 'd', 'e']
    const opened = await home.open(names, Object.fromEntries(names.map((name) => [name, untilAborted])))
    await opened[Symbol.asyncDispose]()
    expect(opened.asked).toEqual(['a', 'b', 'c', 'd'])
    expect(opened.catalog.skipped().size).toBe(0)
    await using next = await home.open(['a'], { a: ['x'] })
    await next.synced
    expect(next.asked).toEqual(['a'])
  })

  it('remembers the server that a one-shot waited for in vain', async () => {
    await using home = await catalogHome()
    let now = NOW
    const opened = await home.open(['a'], { a: untilAborted }, { now: () => now })
    now += 1_000
    await opened[Symbol.asyncDispose]()
    await using next = await home.open(['a'], {})
    expect([next.asked, [...next.catalog.skipped()]]).toEqual([
      [],
      [['a', 'it was still starting when it was last asked']],
    ])
  })

  it('says nothing about a server that a stopping worker was asking', async () => {
    await using home = await catalogHome()
    let now = NOW
    const opened = await home.open(['a'], { a: untilAborted }, { listing: 'all', now: () => now })
    now += 60_000
    await opened[Symbol.asyncDispose]()
    await using next = await home.open(['a'], { a: ['x'] })
    await next.synced
    expect(next.asked).toEqual(['a'])
  })
})

describe('a catalogue of running programs', () => {
  const ROOT = join(import.meta.dirname, '../..')
  const real = (name: string, args: string[] = []): ServerDefinition => ({
    ...fixtureServer(name),
    args: [join(ROOT, `node_modules/@modelcontextprotocol/server-${name}/dist/index.js`), ...args],
  })

  it('lists good servers among bad ones, and leaves nothing running', async () => {
    await using home = await catalogHome()
    const groups = new SpawnedGroups()
    const servers = [
      real('everything'),
      fixtureServer('never-answers', { startTimeoutMs: 1_000 }),
      fixtureServer('dies-in-initialize', { env: { PASSWORD: 'hunter22' } }),
      real('filesystem', [ROOT]),
      fixtureServer('endless-pages'),
      real('memory'),
      { ...fixtureServer('absent'), command: 'no-such-command' },
      real('sequential-thinking'),
    ]
    const connect = createConnector({ variables: process.env, spawn: groups.spawn })
    await using opened = await home.open([], {}, { servers, listServer: createListServer(connect), now: Date.now })
    await opened.catalog.settled(NEVER)
    await opened.synced
    expect(opened.catalog.servers().map(({ name, tools }) => [name, tools.length])).toEqual([
      ['everything', 13],
      ['filesystem', 14],
      ['memory', 9],
      ['sequential-thinking', 1],
    ])
    expect(Object.fromEntries(opened.catalog.skipped())).toEqual({
      'never-answers': expect.stringMatching(/^it did not start within 1000 ms/),
      'dies-in-initialize': expect.stringMatching(/^it exited with code 3\. Its last lines: starting/),
      'endless-pages': 'its list of tools has over 1000 pages or 20000 tools',
      absent: expect.stringContaining('there is no such command'),
    })
    expect(groups.left()).toEqual([])
  })
})
