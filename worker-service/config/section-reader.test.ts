import { describe, expect, it } from 'vitest'
import {
  flag,
  nested,
  numberFrom,
  oneOf,
  readSection,
  text,
  textByName,
  texts,
  wholeNumber,
  words,
} from './section-reader.ts'

const READERS = {
  someText: text,
  flag,
  texts,
  textByName,
  number: numberFrom(1),
  whole: wholeNumber(1, 10),
  choice: oneOf('a', 'b'),
  words,
  inner: nested({ someText: text }),
}

/** What is read, and what is said of it: the place and the sentence about it. */
function read(value: unknown) {
  const { value: section, mistakes, warnings } = readSection(READERS, value)
  const say = (findings: typeof mistakes) => findings.map(({ path, what }) => `${path.join('.')} ${what}`.trim())
  return { section, mistakes: say(mistakes), warnings: say(warnings) }
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
      words: 'one two',
      inner: { someText: 'x' },
    }
    expect(read(value)).toEqual({ section: value, mistakes: [], warnings: [] })
  })

  it('passes over what is null', () => {
    expect(read({ flag: null, other: null })).toEqual({ section: {}, mistakes: [], warnings: [] })
  })

  it('passes over what it does not know, each with a warning', () => {
    const { section, mistakes, warnings } = read({ other: 1, constructor: 1, toString: 2, __proto__: { flag: 3 } })
    expect([section, mistakes]).toEqual([{}, []])
    expect(warnings).toEqual(
      ['other', 'constructor', 'toString'].map((key) => `${key} is not known and is passed over`),
    )
  })

  it('names the nearest key that it knows, also of a section within', () => {
    expect(read({ some_txt: 'x', inner: { sometext: 'x', some_text: 'y' } })).toEqual({
      section: { inner: { someText: 'y' } },
      mistakes: [],
      warnings: [
        'some_txt is not known and is passed over; did you mean "someText"?',
        'inner.sometext is not known and is passed over; did you mean "someText"?',
      ],
    })
  })

  it('reads snake_case, and lets camelCase win whichever comes first', () => {
    expect(read({ some_text: 'x' }).section).toEqual({ someText: 'x' })
    expect(read({ some_text: 'x', someText: 'y' }).section).toEqual({ someText: 'y' })
    expect(read({ someText: 'y', some_text: 'x' }).section).toEqual({ someText: 'y' })
  })

  it('takes words in a text or a list', () => {
    expect(read({ words: ['one', 'two'] }).section).toEqual({ words: 'one two' })
  })

  it('takes numbers and booleans in an object of texts for their text', () => {
    expect(read({ textByName: { port: 80, debug: true, empty: '' } }).section).toEqual({
      textByName: { port: '80', debug: 'true', empty: '' },
    })
  })

  it.each([
    [{ someText: '' }, 'someText must be a text that is not empty'],
    [{ some_text: 1 }, 'some_text must be a text that is not empty'],
    [{ flag: 'true' }, 'flag must be true or false'],
    [{ texts: 'x' }, 'texts must be a list of texts'],
    [{ texts: ['x', 1] }, 'texts.1 must be a text; put it in quotes'],
    [{ textByName: ['x'] }, 'textByName must be an object of texts'],
    [{ textByName: { a: null } }, 'textByName.a must be a text'],
    [{ textByName: { a: {} } }, 'textByName.a must be a text'],
    [{ number: 0.9 }, 'number must be a number from 1'],
    [{ number: '1' }, 'number must be a number from 1'],
    [{ whole: 1.5 }, 'whole must be a whole number from 1 to 10'],
    [{ whole: 11 }, 'whole must be a whole number from 1 to 10'],
    [{ choice: 'c' }, 'choice must be one of a, b'],
    [{ words: 1 }, 'words must be words in a text or a list'],
    [{ words: ['x', 1] }, 'words must be words in a text or a list'],
    [{ inner: [] }, 'inner must be an object'],
    [{ inner: { some_text: 1 } }, 'inner.some_text must be a text that is not empty'],
    [{ number: Infinity }, 'number must be a number from 1'],
    [{ number: NaN }, 'number must be a number from 1'],
  ])('says what is wrong with %j', (value, mistake) => {
    expect(read(value)).toMatchObject({ mistakes: [mistake], warnings: [] })
  })

  it.each([null, [], 'text', 1])('says that %j is no section', (value) => {
    expect(read(value)).toEqual({ section: {}, mistakes: ['must be an object'], warnings: [] })
  })

  it('lists every mistake', () => {
    expect(read({ flag: 1, number: 0, someText: 'fine' }).mistakes).toHaveLength(2)
  })
})
