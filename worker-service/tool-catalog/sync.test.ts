import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { catalogHome, listingOf, NOW, toolsOf } from '../../test/support/catalog-home.ts'
import type { ListServer, ServerListing } from './server-listing.ts'

const untilAborted: ListServer = (_, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('the tools of a server that runs', () => {
  it('are asked for once when it has started', async () => {
    await using home = await catalogHome()
    await using first = await home.open(['a', 'b'], { a: ['x'], b: [] })
    await first.synced
    first.asked.length = 0
    const answers = { a: ['x', 'new'], b: ['y'] }
    await using opened = await home.open(['a', 'b'], answers)
    opened.serverStarted('a')
    opened.serverStarted('a')
    await vi.waitFor(() => expect(toolsOf(opened.catalog)).toEqual({ a: ['x', 'new'], b: [] }))
    expect(opened.asked).toEqual(['a'])
    await vi.waitFor(async () => {
      await using next = await home.open(['a', 'b'], {})
      expect(toolsOf(next.catalog)).toEqual({ a: ['x', 'new'], b: [] })
    })
  })

  it('are not asked for again by a start that asking has caused', async () => {
    await using home = await catalogHome()
    const starting: ListServer = async () => {
      await sleep(1)
      opened.serverStarted('a')
      return listingOf('x')
    }
    await using opened = await home.open(['a', 'b'], { a: starting, b: ['y'] })
    await opened.synced
    // One that started by itself later: had the other been asked again, it would have been before.
    opened.serverStarted('b')
    await vi.waitFor(() => expect(opened.asked).toHaveLength(3))
    expect(opened.asked.toSorted()).toEqual(['a', 'b', 'b'])
  })

  it('are asked for once when it has changed them ten times, and again when it changes them meanwhile', async () => {
    await using home = await catalogHome()
    const answers: Record<string, ListServer | string[]> = { a: ['x'] }
    await using opened = await home.open(['a'], answers)
    await opened.synced
    opened.asked.length = 0
    const gate = Promise.withResolvers<ServerListing>()
    answers['a'] = () => gate.promise
    for (let change = 0; change < 10; change++) opened.listChanged('a', 'tools')
    await vi.waitFor(() => expect(opened.asked).toEqual(['a']))
    opened.listChanged('a', 'tools')
    answers['a'] = ['x', 'z']
    gate.resolve(listingOf('x', 'y'))
    await vi.waitFor(() => expect(toolsOf(opened.catalog)).toEqual({ a: ['x', 'y'] }))
    await vi.waitFor(() => expect(toolsOf(opened.catalog)).toEqual({ a: ['x', 'z'] }))
    expect(opened.asked).toEqual(['a', 'a'])
  })

  it('are left alone when it has stopped meanwhile, or is not configured', async () => {
    await using home = await catalogHome()
    const answers = { a: ['x'], running: ['y'] }
    await using opened = await home.open(['a', 'running'], answers, { isRunning: (name) => name === 'running' })
    await opened.synced
    opened.asked.length = 0
    for (const name of ['a', 'unknown']) {
      opened.serverStarted(name)
      opened.listChanged(name, 'tools')
    }
    // Asked as late as the others would be.
    opened.listChanged('running', 'tools')
    await vi.waitFor(() => expect(opened.asked).toEqual(['running']))
  })

  it('are asked for until there is room for it, or it took too long', async () => {
    await using home = await catalogHome()
    const full = (retryAfterMs: number) => new ServiceError('overloaded', 'there is no room.', { retryAfterMs })
    const refusals = [full(1), full(1)]
    const late: ListServer = async () => {
      const refusal = refusals.shift()
      if (refusal !== undefined) throw refusal
      return listingOf('x')
    }
    await using opened = await home.open(['a', 'b', 'c'], { a: late, b: full(1), c: full(60_000) })
    await opened.synced
    expect(toolsOf(opened.catalog)).toEqual({ a: ['x'] })
    const triesOf = (server: string) => opened.asked.filter((asked) => asked === server).length
    expect(['a', 'b', 'c'].map(triesOf)).toEqual([3, 10, 1])
    expect([...opened.catalog.skipped().keys()].toSorted()).toEqual(['b', 'c'])
  })

  it('stay as they were when it is the service that ends', async () => {
    await using home = await catalogHome()
    await using opened = await home.open(['a'], {
      a: new ServiceError('shutting_down', 'The service is shutting down.'),
    })
    await opened.synced
    expect([opened.observed, opened.catalog.skipped().size]).toEqual([[], 0])
    await using next = await home.open(['a'], { a: ['x'] })
    await next.synced
    expect(toolsOf(next.catalog)).toEqual({ a: ['x'] })
  })
})

describe('the answers of a server', () => {
  const answered = (text: string) => [Buffer.from(text)]
  const listing = (text: string): ServerListing => ({
    ...listingOf('x'),
    answers: new Map([['initialize', answered('{}')] as const, ['tools/list', answered(text)] as const]),
  })

  it('are known here, and to the next worker, which asks nobody', async () => {
    await using home = await catalogHome()
    const rest = { listRest: async () => new Map([['prompts/list', answered('p')] as const]) }
    await using first = await home.open(['a'], { a: async () => listing('t') }, rest)
    await first.synced
    await using next = await home.open(['a'], {}, { listing: 'outdated' })
    for (const opened of [first, next]) {
      expect(
        ['initialize', 'tools/list', 'prompts/list'].map((method) =>
          String(opened.recall('a', method as 'initialize')),
        ),
      ).toEqual(['{}', 't', 'p'])
    }
    expect(next.asked).toEqual([])
  })

  it('are asked for where only the tools are known', async () => {
    await using home = await catalogHome()
    await using oneShot = await home.open(['a'], { a: ['x'] }, { listRest: undefined })
    await oneShot.synced
    await using worker = await home.open(['a'], { a: ['x'] }, { listing: 'outdated' })
    await worker.synced
    expect(worker.asked).toEqual(['a'])
  })

  it('are not waited for by who looks for tools, and are not known of a server that does not tell', async () => {
    await using home = await catalogHome()
    const rest = { listRest: async () => Promise.reject(new Error('no')) }
    await using opened = await home.open(['a'], { a: async () => listing('t') }, rest)
    await opened.synced
    expect([toolsOf(opened.catalog), opened.recall('a', 'tools/list')]).toEqual([{ a: ['x'] }, undefined])
  })

  it('are forgotten, also by the next, where the server says that they have changed, until it is asked again', async () => {
    await using home = await catalogHome()
    const answers: Record<string, ListServer> = { a: async () => listing('old') }
    await using opened = await home.open(['a'], answers)
    await opened.synced
    opened.listChanged('a', 'tools')
    expect(opened.recall('a', 'tools/list')).toBeUndefined()
    await vi.waitFor(async () => {
      await using next = await home.open(['a'], {}, { listing: 'outdated' })
      expect([next.recall('a', 'initialize'), next.recall('a', 'tools/list')]).toEqual([Buffer.from('{}'), undefined])
    })
    answers['a'] = async () => listing('new')
    await vi.waitFor(() => expect(String(opened.recall('a', 'tools/list'))).toBe('new'))
  })

  it('are not taken where the server says meanwhile that they have changed', async () => {
    await using home = await catalogHome()
    const gate = Promise.withResolvers<ServerListing>()
    await using opened = await home.open(['a'], { a: () => gate.promise })
    opened.listChanged('a', 'prompts')
    gate.resolve(listing('old'))
    await opened.synced
    expect(opened.recall('a', 'tools/list')).toBeUndefined()
  })

  it('are those of the server as it is configured', async () => {
    await using home = await catalogHome()
    await using opened = await home.open(['a'], { a: async () => listing('t') })
    await opened.synced
    opened.configure({ servers: [], unusable: [] })
    expect(opened.recall('a', 'initialize')).toBeUndefined()
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
    const opened = await home.open(['a'], { a: untilAborted }, { listing: 'outdated', now: () => now })
    now += 60_000
    await opened[Symbol.asyncDispose]()
    await using next = await home.open(['a'], { a: ['x'] })
    await next.synced
    expect(next.asked).toEqual(['a'])
  })
})
