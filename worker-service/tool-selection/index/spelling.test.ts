import { describe, expect, it } from 'vitest'
import { Spelling } from './spelling.ts'

const TERMS = ['directori', 'read', 'screenshot', 'notion', 'share', 'file']
const spelling = new Spelling(TERMS)
const meantBy = (term: string) => spelling.meantBy(term).map((place) => TERMS[place])

describe('Spelling', () => {
  it.each([
    ['a letter left out', 'screnshot', 'screenshot'],
    ['a letter too many', 'screeenshot', 'screenshot'],
    ['a letter replaced', 'screenshit', 'screenshot'],
    ['two letters exchanged', 'direcotri', 'directori'],
    ['two letters exchanged in a short word', 'raed', 'read'],
    ['the last letter left out', 'directo', undefined],
    ['the last letters exchanged', 'notino', 'notion'],
  ])('finds what was meant by %s', (_, term, meant) => {
    expect(meantBy(term)).toEqual(meant === undefined ? [] : [meant])
  })

  it.each(['shape', 'fire', 'fil', 'cotion', 'weather', 'élan', ''])(
    'takes %j for no misspelling of another word',
    (term) => {
      expect(meantBy(term)).toEqual([])
    },
  )
})
