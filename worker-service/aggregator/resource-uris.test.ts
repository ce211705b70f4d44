import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { fromClientUri, matchesTemplate, toClientUri } from './resource-uris.ts'

const server = fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/).filter((name) => SERVER_NAME.test(name))
const uri = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.string({ unit: 'binary', minLength: 1 }),
)

describe('the URI under which clients see a resource', () => {
  it('says whose it is, and is else as the server has it', () => {
    expect(toClientUri({ server: 'docs', uri: 'file:///a/b.md?x#y' })).toBe('pilotlight://docs/file:///a/b.md?x#y')
  })

  it('can be read back exactly, also where the server’s own is one of these', () => {
    fc.assert(
      fc.property(server, server, uri, (outer, inner, own) => {
        for (const resource of [
          { server: outer, uri: own },
          { server: outer, uri: toClientUri({ server: inner, uri: own }) },
        ]) {
          expect(fromClientUri(toClientUri(resource))).toEqual(resource)
        }
      }),
    )
  })

  it('is a URL that programs read as it stands', () => {
    fc.assert(
      fc.property(server, fc.webUrl({ withFragments: true, withQueryParameters: true }), (name, own) => {
        const clientUri = toClientUri({ server: name, uri: new URL(own).href })
        expect(new URL(clientUri).href).toBe(clientUri)
      }),
    )
  })

  it.each([
    'file:///a',
    'pilotlight://',
    'pilotlight://docs',
    'pilotlight://docs/',
    'pilotlight:///x',
    'pilotlight://a b/x',
    '',
  ])('is not %s', (text) => {
    expect(fromClientUri(text)).toBeUndefined()
  })

  it('is made of the template as the server’s own is of its', () => {
    const template = 'demo://text/{id}{?page,size}{#part}'
    const values = { id: 'a b/ü', page: '1', size: '2', part: 'x' }
    const expanded = new UriTemplate(toClientUri({ server: 's', uri: template })).expand(values)
    expect(fromClientUri(expanded)).toEqual({ server: 's', uri: new UriTemplate(template).expand(values) })
  })
})

describe('matchesTemplate', () => {
  it.each([
    ['demo://text/{id}', 'demo://text/7', true],
    ['demo://text/{id}', 'demo://blob/7', false],
    ['demo://text/{id}', 'demo://text', false],
    ['{+path}', 'anything', true],
    ['a{x}b{y}c', 'a-b-c', true],
    ['a{x}b{y}c', 'a-c', false],
    ['aa{x}aa', 'aaa', false],
    ['a{x}b{y}b', 'ab', false],
    ['no expressions', 'no expressions', true],
    ['no expressions', 'no expressions!', false],
    ['', '', true],
    ['a{unclosed', 'a{unclosed', true],
  ])('%s and %s: %s', (template, text, expected) => {
    expect(matchesTemplate(template, text)).toBe(expected)
  })

  it('knows every URI that was made of the template', () => {
    const literal = fc.stringMatching(/^[a-z:/]{0,6}$/)
    const expression = fc.constantFrom('{a}', '{+a}', '{#a}', '{/a}', '{?a}', '{&a}', '{.a}')
    const parts = fc.array(fc.tuple(literal, expression), { maxLength: 4 })
    fc.assert(
      fc.property(parts, literal, fc.webPath(), (pairs, end, value) => {
        const template = `${pairs.flat().join('')}${end}`
        expect(matchesTemplate(template, new UriTemplate(template).expand({ a: value }))).toBe(true)
      }),
    )
  })

  it('takes no longer for a template that matches in many ways', () => {
    expect(matchesTemplate(`${'{a}a'.repeat(5_000)}b`, 'a'.repeat(20_000))).toBe(false)
  })
})
