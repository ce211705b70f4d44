import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createClientNames, type NamedItem, toItemId } from './client-names.ts'

const LEGAL = /^[A-Za-z0-9_-]{1,64}$/

function namesOf(...tools: [server: string, tool: string][]): (string | undefined)[] {
  const names = createClientNames(tools.map(([server, name]) => ({ server, name })))
  return tools.map(([server, tool]) => names.nameOf(`${server}/${tool}`))
}

describe('createClientNames', () => {
  it('leaves a tool its own name where nobody else has it', () => {
    expect(namesOf(['files', 'read_file'], ['sum', 'get-sum'])).toEqual(['read_file', 'get-sum'])
  })

  it('gives the later of two its server as well', () => {
    expect(namesOf(['files', 'search'], ['mail', 'search'])).toEqual(['search', 'mail__search'])
  })

  it('replaces what clients do not accept', () => {
    expect(namesOf(['files', 'read.file/now'], ['b.c', 'read.file/now'])).toEqual([
      'read_file_now',
      'b_c__read_file_now',
    ])
  })

  it('cuts what is too long and adds a hash, so that two long names stay apart', () => {
    const long = 'a'.repeat(64)
    const [fits, first, second] = namesOf(['s', long], ['s', `${long}b`], ['s', `${long}c`])
    expect(fits).toBe(long)
    expect(first).toMatch(/^a{55}_[0-9a-f]{8}$/)
    expect(second).toMatch(/^a{55}_[0-9a-f]{8}$/)
    expect(second).not.toBe(first)
  })

  it('adds a hash where even the server does not tell them apart', () => {
    expect(namesOf(['a.b', 'x'], ['a_b', 'x'], ['a-b', 'x'], ['a', 'x'])[2]).toBe('a-b__x')
    const [, , third] = namesOf(['s', 'x'], ['a.b', 'x'], ['a_b', 'x'])
    expect(third).toMatch(/^a_b__x_[0-9a-f]{8}$/)
  })

  it('never gives away the names of our own tools', () => {
    const own = ['find_tools', 'call_tool', 'read_result']
    expect(namesOf(...own.map((name): [string, string] => ['s', name]))).toEqual(own.map((name) => `s__${name}`))
  })

  it('knows no way back from names it never gave', () => {
    const names = createClientNames([{ server: 's', name: 'x' }])
    expect([names.idOf('find_tools'), names.idOf('y'), names.nameOf('s/y')]).toEqual([undefined, undefined, undefined])
  })

  const hardName = fc.oneof(
    fc.constantFrom('search', 'a__search', 'find_tools', '', '__proto__', 'a.b', 'a_b', 'x'.repeat(64), 'x'.repeat(80)),
    fc.string({ unit: 'grapheme', maxLength: 90 }),
  )
  const server = fc.constantFrom('a', 'b', 'a_', 'a.b', 'a_b', 'a-b', 's'.repeat(40))
  const hardTools: fc.Arbitrary<NamedItem[]> = fc.array(fc.record({ server, name: hardName }), { maxLength: 40 })

  it('gives legal names, each to one tool, with an exact way back', () => {
    fc.assert(
      fc.property(hardTools, (tools) => {
        const names = createClientNames(tools)
        const ids = new Set(tools.map(toItemId))
        const given = Array.from(ids, (id) => names.nameOf(id) ?? '')
        expect(new Set(given).size).toBe(ids.size)
        for (const name of given) expect(name).toMatch(LEGAL)
        expect(given.map((name) => names.idOf(name))).toEqual([...ids])
      }),
    )
  })

  it('leaves every tool the name it was given before, in whatever order they come, and gives it to no other', () => {
    fc.assert(
      fc.property(hardTools, hardTools, (earlier, later) => {
        const ids = (tools: NamedItem[]) => [...new Set(tools.map(toItemId))]
        const before = createClientNames(earlier)
        const given = new Map(ids(earlier).map((id) => [id, before.nameOf(id) ?? '']))
        const after = createClientNames([...later, ...earlier], given)
        for (const [id, name] of given) expect([after.nameOf(id), after.idOf(name)]).toEqual([name, id])
        const all = ids([...later, ...earlier]).map((id) => after.nameOf(id) ?? '')
        expect(new Set(all).size).toBe(all.length)
        for (const name of all) expect(name).toMatch(LEGAL)
      }),
    )
  })

  it('gives the same names every time, whatever is added behind', () => {
    fc.assert(
      fc.property(hardTools, hardTools, (tools, added) => {
        const before = createClientNames(tools)
        const after = createClientNames([...tools, ...added])
        for (const id of tools.map(toItemId)) expect(after.nameOf(id)).toBe(before.nameOf(id))
      }),
    )
  })
})
