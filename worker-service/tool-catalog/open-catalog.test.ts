import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { catalogHome, listingOf, NOW, toolsOf } from '../../test/support/catalog-home.ts'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { SpawnedGroups } from '../../test/support/spawned-groups.ts'
import { createConnector } from '../server-pool/connectors/open-connection.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { ListingPool } from './listing-pool.ts'
import type { ListServer, ServerListing } from './server-listing.ts'

const NEVER = new AbortController().signal
const A_DAY_MS = 24 * 3_600_000

describe('a catalogue that is opened', () => {
  it('asks only new and changed servers when it is configured anew', async () => {
    await using home = await catalogHome()
    await using opened = await home.open(
      ['a', 'b', 'c'],
      { a: ['x'], b: ['y'], c: ['z'], d: ['w'] },
      { listing: 'outdated' },
    )
    await opened.synced
    opened.asked.length = 0
    const servers = [fixtureServer('d'), fixtureServer('b', { env: { KEY: '1' } }), fixtureServer('a')]
    opened.configure({ servers, unusable: [{ name: 'c', reason: 'KEY not set' }] })
    expect(opened.catalog.isSettled).toBe(false)
    await opened.synced
    expect(opened.asked.toSorted()).toEqual(['b', 'd'])
    expect(toolsOf(opened.catalog)).toEqual({ d: ['w'], b: ['y'], a: ['x'] })
    expect(opened.catalog.skipped()).toEqual(new Map([['c', 'KEY not set']]))
  })

  it('accepts nothing that is remembered of a server that is run in another way, which is asked first', async () => {
    await using home = await catalogHome()
    const answers: Record<string, ListServer | string[]> = { a: ['old'] }
    await using opened = await home.open(['a'], answers, { listing: 'outdated' })
    await opened.synced
    const gate = Promise.withResolvers<ServerListing>()
    answers['a'] = () => gate.promise
    // The value of a variable is no part of what a server is remembered by.
    for (const changed of [{ env: { KEY: '1' } }, { args: ['--other'] }]) {
      opened.configure({ servers: [fixtureServer('a', changed)], unusable: [] })
      await expect(opened.acceptTools('a')).rejects.toThrow('its tools are not known yet')
    }
    gate.resolve(listingOf('new'))
    await opened.synced
    expect(toolsOf(opened.catalog)).toEqual({ a: ['new'] })
    await opened.acceptTools('a')
    expect(opened.observed.at(-1)).toEqual(['accepted', 'a', 1])
  })

  it('asks nobody when only the choice of tools has changed', async () => {
    await using home = await catalogHome()
    await using opened = await home.open(['a'], { a: ['x', 'y'] })
    await opened.synced
    opened.configure({ servers: [fixtureServer('a', { excludeTools: ['y'] })], unusable: [] })
    await opened.synced
    expect([opened.asked, toolsOf(opened.catalog)]).toEqual([['a'], { a: ['x'] }])
  })

  it('takes no answer any more from a server that was changed or removed meanwhile', async () => {
    await using home = await catalogHome()
    const [a, b] = [Promise.withResolvers<ServerListing>(), Promise.withResolvers<ServerListing>()]
    await using opened = await home.open(['a', 'b'], { a: () => a.promise, b: () => b.promise })
    const changed = fixtureServer('a', { args: ['--other'] })
    opened.configure({ servers: [changed], unusable: [] })
    a.resolve(listingOf('x'))
    b.reject(new Error('gone'))
    await opened.synced
    expect(opened.asked).toEqual(['a', 'b', 'a'])
    expect(opened.observed).toEqual([['listed', 'a', 1]])
  })

  it('asks every server the first time, and remembers what they said', async () => {
    await using home = await catalogHome()
    {
      await using first = await home.open(['a', 'b'], { a: ['x'], b: ['y', 'z'] })
      await first.synced
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

  it('asks in the end those whose tools are remembered from long ago, and answers from that until then', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a', 'b'], { a: ['x'], b: ['y'] })
    await first.synced
    const gate = Promise.withResolvers<ServerListing>()
    const answers = { a: () => gate.promise, b: ['y'] }
    const overrides = { listing: 'outdated', now: () => NOW + A_DAY_MS, refreshDelayMs: 0 } as const
    await using second = await home.open(['a', 'b'], answers, overrides)
    await second.catalog.settled(NEVER)
    expect(toolsOf(second.catalog)).toEqual({ a: ['x'], b: ['y'] })
    const { revision } = second.catalog
    gate.resolve(listingOf('x', 'new'))
    await second.refreshed
    expect(second.asked).toEqual(['a', 'b'])
    expect(toolsOf(second.catalog)).toEqual({ a: ['x', 'new'], b: ['y'] })
    expect(second.catalog.revision).toBe(revision + 1)
  })

  it('wakes no server whose tools it remembers from less than a day ago', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: ['x'] })
    await first.synced
    const overrides = { listing: 'outdated', now: () => NOW + A_DAY_MS - 1, refreshDelayMs: 0 } as const
    await using second = await home.open(['a', 'b'], { b: ['y'] }, overrides)
    await second.synced
    await second.refreshed
    expect(second.asked).toEqual(['b'])
  })

  it('asks servers that cannot be listed now and then, until they can', async () => {
    await using home = await catalogHome()
    const answers: Record<string, string[] | Error> = { a: new ServiceError('timeout', 'too late'), b: ['y'] }
    const overrides = { listing: 'outdated', refreshDelayMs: 10, refreshEveryMs: 10 } as const
    await using opened = await home.open(['a', 'b'], answers, overrides)
    await vi.waitFor(() => expect(opened.asked.filter((name) => name === 'a').length).toBeGreaterThan(2))
    answers['a'] = ['x']
    await vi.waitFor(() => expect(toolsOf(opened.catalog)).toEqual({ a: ['x'], b: ['y'] }))
    expect(opened.asked.filter((name) => name === 'b')).toEqual(['b'])
  })

  it.each([
    ['and would not say so, now and then', {}, true, true],
    ['and would say so never', { listChanged: true }, true, false],
    ['and do not run never', {}, false, false],
  ])('asks servers that may list something else by now %s', async (_, tools, isRunning, isAsked) => {
    await using home = await catalogHome()
    const initialize = [Buffer.from(JSON.stringify({ capabilities: { tools } }))]
    const listed = async () => ({ ...listingOf('x'), answers: new Map([['initialize', initialize]] as const) })
    const overrides = {
      listing: 'outdated',
      refreshDelayMs: 10,
      refreshEveryMs: 10,
      isRunning: () => isRunning,
    } as const
    await using opened = await home.open(['a', 'broken'], { a: listed, broken: new Error('broken') }, overrides)
    await vi.waitFor(() => expect(opened.asked.filter((name) => name === 'broken').length).toBeGreaterThan(3))
    expect(opened.asked.filter((name) => name === 'a').length > 1).toBe(isAsked)
  })

  it('forgets in the end what servers have offered that are no longer configured', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a', 'b'], { a: ['x'], b: ['y'] })
    await first.synced
    const overrides = { listing: 'outdated', now: () => Date.now() + 91 * A_DAY_MS, refreshDelayMs: 0 } as const
    await using second = await home.open(['a'], { a: ['x'] }, overrides)
    await second.refreshed
    expect((await readdir(join(home.cacheFolder, 'catalog'))).toSorted()).toEqual([
      expect.stringMatching(/^a-.*\.answers$/),
      expect.stringMatching(/^a-.*\.json$/),
    ])
  })

  it('keeps the tools of a server that fails when it is asked again, here and for the next', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: ['x'] })
    await first.synced
    await using second = await home.open(
      ['a'],
      { a: new ServiceError('timeout', 'too late') },
      { listing: 'outdated', now: () => NOW + A_DAY_MS, refreshDelayMs: 0 },
    )
    await second.refreshed
    expect(toolsOf(second.catalog)).toEqual({ a: ['x'] })
    expect(second.catalog.skipped().size).toBe(0)
    expect(second.observed).toEqual([['skipped', 'a', 'too late']])
    await using third = await home.open(['a'], {})
    expect(toolsOf(third.catalog)).toEqual({ a: ['x'] })
  })

  it('asks a server that has just failed again where there is time, and forgets the failure', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a'], { a: new Error('bug') })
    await first.synced
    expect([...first.catalog.skipped()]).toEqual([['a', 'An unexpected error occurred']])
    await using second = await home.open(['a'], { a: ['x'] }, { listing: 'outdated' })
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

  it('tells once which tools were withheld or have changed, and again when they are others', async () => {
    await using home = await catalogHome()
    const withheld = [{ name: 'broken', reason: 'it has no name' }]
    const answers: Record<string, ListServer> = { a: async () => ({ ...listingOf('x'), withheld }) }
    const refreshing = { listing: 'outdated', now: () => NOW, refreshDelayMs: 0 } as const
    await using first = await home.open(['a'], answers, refreshing)
    await first.synced
    await using second = await home.open(['a'], answers, { ...refreshing, now: () => NOW + A_DAY_MS })
    await second.refreshed
    expect(second.observed).toEqual([['listed', 'a', 1]])
    answers['a'] = async () => listingOf('y')
    await vi.waitFor(() => {
      second.serverStarted('a')
      expect(second.asked.length).toBeGreaterThan(3)
    })
    expect(second.observed.filter(([event]) => event !== 'listed')).toEqual([
      ['changed', 'a', { changed: [], added: ['y'], removed: ['x'] }],
    ])
    expect(second.reportOf('a')).toMatchObject({ withheld: [], changes: { added: ['y'] } })
  })

  it('finds no tool that is blocked until it is accepted, neither here nor in a one-shot', async () => {
    await using home = await catalogHome()
    const servers = [fixtureServer('a', { onToolChange: 'block' })]
    const answers: Record<string, string[]> = { a: ['x'] }
    await using opened = await home.open([], answers, { servers, listing: 'outdated' })
    await opened.synced
    answers['a'] = ['x', 'y']
    opened.serverStarted('a')
    await vi.waitFor(() => expect(opened.whyWithheld('a', 'y')).toContain('it was not there when tools were accepted'))
    const inOneShot = async () => {
      await using oneShot = await home.open([], {}, { servers })
      return toolsOf(oneShot.catalog)
    }
    expect([toolsOf(opened.catalog), opened.toolNames('a'), await inOneShot()]).toEqual([
      { a: ['x'] },
      ['x'],
      { a: ['x'] },
    ])
    await opened.acceptTools('a')
    expect([toolsOf(opened.catalog), await inOneShot()]).toEqual([{ a: ['x', 'y'] }, { a: ['x', 'y'] }])
    expect(opened.observed.at(-1)).toEqual(['accepted', 'a', 2])
  })

  it('works without a place to remember in, and says so', async () => {
    await using home = await catalogHome()
    await writeFile(home.cacheFolder, 'a file in its place')
    await using opened = await home.open(['a'], { a: ['x'] })
    await opened.synced
    expect(toolsOf(opened.catalog)).toEqual({ a: ['x'] })
    expect(opened.observed.filter(([event]) => event === 'snapshot failed')).toHaveLength(1)
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
    const listing = new ListingPool(servers, connect)
    await using opened = await home.open([], {}, { servers, listServer: listing.listServer, now: Date.now })
    await opened.catalog.settled(NEVER)
    await opened.synced
    expect(opened.catalog.servers().map(({ name, tools }) => [name, tools.length])).toEqual([
      ['everything', 17],
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
    await listing[Symbol.asyncDispose]()
    await expect.poll(() => groups.left()).toEqual([])
  })
})
