import { describe, expect, it } from 'vitest'
import { flag, numberFrom, oneOf, readSection, text, textByName, texts, wholeNumber } from './section-reader.ts'

const READERS = {
  someText: text,
  flag,
  texts,
  textByName,
  number: numberFrom(1),
  whole: wholeNumber(1, 10),
  choice: oneOf('a', 'b'),
}

function read(value: unknown) {
  const mistakes: string[] = []
  const section = readSection(READERS, { value, place: 'here' }, mistakes)
  return { section, mistakes }
}

describe('readSection', () => {
  it('reads every member that is set', () => {
    const value = {
      someText: 'x',
      flag: false,
      texts: ['', 'y'],
      textByName: { a: 'b' },
      number: 1.5,
      whole: 10,
      choice: 'b',
    }
    expect(read(value)).toEqual({ section: value, mistakes: [] })
  })

  it('passes over what it does not know, and what is null', () => {
    expect(read({ other: 1, flag: null, constructor: 1, toString: 2, __proto__: { flag: 3 } })).toEqual({
      section: {},
      mistakes: [],
    })
  })

  it('reads snake_case, and lets camelCase win whichever comes first', () => {
    expect(read({ some_text: 'x' }).section).toEqual({ someText: 'x' })
    expect(read({ some_text: 'x', someText: 'y' }).section).toEqual({ someText: 'y' })
    expect(read({ someText: 'y', some_text: 'x' }).section).toEqual({ someText: 'y' })
  })

  it('takes numbers and booleans in an object of texts for their text', () => {
    expect(read({ textByName: { port: 80, debug: true, empty: '' } }).section).toEqual({
      textByName: { port: '80', debug: 'true', empty: '' },
    })
  })

  it.each([
    [{ someText: '' }, '"someText" must be a text that is not empty'],
    [{ some_text: 1 }, '"someText" must be a text that is not empty'],
    [{ flag: 'true' }, '"flag" must be true or false'],
    [{ texts: 'x' }, '"texts" must be a list of texts'],
    [{ texts: ['x', 1] }, '"texts" must be a list of texts'],
    [{ textByName: ['x'] }, '"textByName" must be an object of texts'],
    [{ textByName: { a: null } }, '"textByName" must be an object of texts'],
    [{ textByName: { a: {} } }, '"textByName" must be an object of texts'],
    [{ number: 0.9 }, '"number" must be a number from 1'],
    [{ number: '1' }, '"number" must be a number from 1'],
    [{ whole: 1.5 }, '"whole" must be a whole number from 1 to 10'],
    [{ whole: 11 }, '"whole" must be a whole number from 1 to 10'],
    [{ choice: 'c' }, '"choice" must be one of a, b'],
  ])('says what is wrong with %j', (value, mistake) => {
    expect(read(value)).toEqual({ section: undefined, mistakes: [`here: ${mistake}`] })
  })

  it.each([null, [], 'text', 1])('says that %j is no section', (value) => {
    expect(read(value)).toEqual({ section: undefined, mistakes: ['here: it must be an object'] })
  })

  it('lists every mistake', () => {
    expect(read({ flag: 1, number: 0, someText: 'fine' }).mistakes).toHaveLength(2)
  })
})
