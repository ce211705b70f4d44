import { describe, expect, it } from 'vitest'
import type { NamedItem } from './client-names.ts'
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
    const names = new GivenNames(2)
    names.give([item('one/search')])
    names.give([item('two/find'), item('two/look')])
    const after = names.give([item('three/search'), item('three/find')])
    expect([after.nameOf('three/search'), after.nameOf('three/find')]).toEqual(['search', 'three__find'])
  })
})
