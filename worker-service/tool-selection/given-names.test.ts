import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NamedItem, toItemId } from './client-names.ts'
import { GivenNames } from './given-names.ts'

const item = (id: string): NamedItem => {
  const [server = '', name = ''] = id.split('/')
  return { server, name }
}

describe('GivenNames', () => {
  it('gives the name to whoever had it first, wherever another comes in', () => {
    const names = new GivenNames()
    expect(names.give([item('mail/search')]).nameOf('mail/search')).toBe('search')
    const after = names.give([item('files/search'), item('mail/search')])
    expect([after.nameOf('files/search'), after.nameOf('mail/search')]).toEqual(['files__search', 'search'])
  })

  it('keeps a name for an item that is away, and knows no way back from it meanwhile', () => {
    const names = new GivenNames()
    names.give([item('mail/search')])
    const away = names.give([item('files/search')])
    expect([away.nameOf('files/search'), away.idOf('search')]).toEqual(['files__search', undefined])
    expect(names.give([item('files/search'), item('mail/search')]).idOf('search')).toBe('mail/search')
  })

  it('remembers only so many, and forgets first what is away longest', () => {
    const names = new GivenNames(new Map(), 2)
    names.give([item('one/search')])
    names.give([item('two/find'), item('two/look')])
    const after = names.give([item('three/search'), item('three/find')])
    expect([after.nameOf('three/search'), after.nameOf('three/find')]).toEqual(['search', 'three__find'])
  })

  const id = fc
    .tuple(fc.constantFrom('a', 'b', 'a_', 'a__b'), fc.constantFrom('x', 'b__x', 'y', 'y.z', 'y_z'))
    .map((parts) => parts.join('/'))
  const ids = fc.uniqueArray(id, { maxLength: 12 })

  it('come out the same in the next process from what is to be remembered', () => {
    fc.assert(
      fc.property(fc.array(ids, { minLength: 1, maxLength: 4 }), (revisions) => {
        const names = new GivenNames()
        for (const revision of revisions) names.give(revision.map(item))
        const last = (revisions.at(-1) ?? []).map(item)
        const before = names.give(last)
        const next = new GivenNames(names.toKeep(last))
        const after = next.give(last)
        for (const { server, name } of last) {
          expect(after.nameOf(`${server}/${name}`)).toBe(before.nameOf(`${server}/${name}`))
        }
        const everything = [...new Set(revisions.flat())].map(item)
        const [kept, same] = [next.give(everything), names.give(everything)]
        for (const one of everything.map(toItemId)) expect(kept.nameOf(one)).toBe(same.nameOf(one))
      }),
    )
  })

  it('are nothing to remember where they are what they would be anyway', () => {
    const names = new GivenNames()
    const all = [item('files/search'), item('mail/search'), item('mail/send')]
    names.give(all)
    expect(names.toKeep(all)).toEqual(new Map())
    expect(names.toKeep(all.toReversed())).toEqual(
      new Map([
        ['mail/search', 'mail__search'],
        ['files/search', 'search'],
      ]),
    )
  })
})
