import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { LiveCatalog } from './live-catalog.ts'

const NEVER = new AbortController().signal

function listingOf(...names: string[]) {
  const tools = names.map((name) => ({ name, inputSchema: { type: 'object' } }))
  return { title: undefined, description: undefined, tools, fingerprint: names.join() }
}

async function isSettled(catalog: LiveCatalog): Promise<boolean> {
  const settled = catalog.settled(NEVER).then(() => true)
  return Promise.race([settled, new Promise<boolean>((resolve) => setImmediate(resolve, false))])
}

describe('a live catalogue', () => {
  it('has the servers in the order configured, whichever is listed first', () => {
    const catalog = new LiveCatalog(['a', 'b', 'c'])
    catalog.accept(fixtureServer('c'), listingOf('x'))
    catalog.accept(fixtureServer('a'), listingOf('y', 'z'))
    expect(catalog.servers()).toEqual([
      { name: 'a', title: undefined, description: undefined, tools: listingOf('y', 'z').tools },
      { name: 'c', title: undefined, description: undefined, tools: listingOf('x').tools },
    ])
  })

  it('leaves out what the definition leaves out', () => {
    const catalog = new LiveCatalog(['a'])
    const definition = fixtureServer('a', { includeTools: ['read_*'], excludeTools: ['*_all'] })
    catalog.accept(definition, listingOf('read_one', 'read_all', 'write_one'))
    expect(catalog.servers()[0]?.tools.map(({ name }) => name)).toEqual(['read_one'])
  })

  it('has the fingerprint of what can be found, in every process the same', () => {
    const fingerprintOf = (...listings: [name: string, listing: object, definition?: object][]) => {
      const catalog = new LiveCatalog(['a', 'b', 'c'])
      catalog.skip('c', 'broken')
      for (const [name, listing, definition] of listings) {
        catalog.accept(fixtureServer(name, definition), { ...listingOf(), ...listing })
      }
      return catalog.fingerprint
    }
    const known = fingerprintOf(['a', listingOf('x')], ['b', listingOf('y')])
    expect(fingerprintOf(['b', listingOf('y')], ['a', listingOf('z')], ['a', listingOf('x')])).toBe(known)
    const others = [
      fingerprintOf(['a', listingOf('x')]),
      fingerprintOf(['a', listingOf('x')], ['b', listingOf('z')]),
      fingerprintOf(['b', listingOf('x')], ['a', listingOf('y')]),
      fingerprintOf(['a', listingOf('x'), { excludeTools: ['x'] }], ['b', listingOf('y')]),
      fingerprintOf(['a', listingOf('x'), { includeTools: ['x'] }], ['b', listingOf('y')]),
    ]
    expect(new Set([known, ...others]).size).toBe(6)
  })

  it('grows its revision with every change, and only then', () => {
    const catalog = new LiveCatalog(['a', 'b'])
    const revisions = [
      () => catalog.accept(fixtureServer('a'), listingOf('x')),
      () => catalog.accept(fixtureServer('a'), listingOf('x')),
      () => catalog.accept(fixtureServer('a'), listingOf('x', 'y')),
      () => catalog.accept(fixtureServer('a'), { ...listingOf('x', 'y'), title: 'A', fingerprint: 'of A' }),
      () => catalog.skip('a', 'gone'),
      () => catalog.skip('b', 'broken'),
      () => catalog.accept(fixtureServer('b'), listingOf()),
    ].map((change) => {
      change()
      return catalog.revision
    })
    expect(revisions).toEqual([1, 1, 2, 3, 3, 4, 5])
  })

  it('has other servers when it is configured anew: what is known of unchanged ones stays', async () => {
    const catalog = new LiveCatalog(['a', 'b', 'c'])
    for (const name of ['a', 'b', 'c']) catalog.accept(fixtureServer(name), listingOf(name))
    const before = catalog.revision
    catalog.configure(['d', 'c', 'a'], new Set(['a', 'd']))
    expect(catalog.servers().map(({ name }) => name)).toEqual(['c'])
    expect(catalog.revision).toBeGreaterThan(before)
    catalog.accept(fixtureServer('b'), listingOf('late'))
    catalog.accept(fixtureServer('d'), listingOf('d'))
    expect(catalog.servers().map(({ name }) => name)).toEqual(['d', 'c'])
  })

  it('keeps the tools of a server that can no longer be listed', () => {
    const catalog = new LiveCatalog(['a'])
    catalog.accept(fixtureServer('a'), listingOf('x'))
    catalog.skip('a', 'gone')
    expect(catalog.servers()).toHaveLength(1)
    expect(catalog.skipped()).toEqual(new Map())
  })

  it('names what was skipped until it is listed', () => {
    const catalog = new LiveCatalog(['a', 'b'])
    catalog.skip('b', 'broken')
    catalog.skip('a', 'missing')
    expect([...catalog.skipped()]).toEqual([
      ['a', 'missing'],
      ['b', 'broken'],
    ])
    catalog.accept(fixtureServer('b'), listingOf('x'))
    expect([...catalog.skipped()]).toEqual([['a', 'missing']])
  })

  it('is settled when every server is listed or skipped', async () => {
    const catalog = new LiveCatalog(['a', 'b'])
    expect(await isSettled(catalog)).toBe(false)
    catalog.accept(fixtureServer('a'), listingOf('x'))
    expect(await isSettled(catalog)).toBe(false)
    const waiting = catalog.settled(NEVER)
    catalog.skip('b', 'broken')
    await waiting
    expect(await isSettled(catalog)).toBe(true)
  })

  it('is settled at once without servers', async () => {
    expect(await isSettled(new LiveCatalog([]))).toBe(true)
  })

  it('is waited for no longer than the signal says', async () => {
    const catalog = new LiveCatalog(['a'])
    const reason = new Error('enough')
    const controller = new AbortController()
    const waiting = catalog.settled(controller.signal)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(catalog.settled(AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
