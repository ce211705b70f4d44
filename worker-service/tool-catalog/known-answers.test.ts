import { describe, expect, it } from 'vitest'
import { KnownAnswers } from './known-answers.ts'

const page = (text: string) => Buffer.from(text)

function known(): KnownAnswers {
  const answers = new KnownAnswers()
  answers.take(
    'a',
    new Map([
      ['initialize', [page('{}')]],
      ['tools/list', [page('t')]],
      ['prompts/list', [page('1'), page('2')]],
      ['resources/list', [page('r')]],
      ['resources/templates/list', [page('x')]],
    ]),
  )
  return answers
}

describe('what is known that a server answers', () => {
  it('is recalled where the answer has one page', () => {
    const answers = known()
    expect(answers.recall('a', 'tools/list')).toEqual(page('t'))
    expect(answers.recall('a', 'prompts/list')).toBeUndefined()
    expect(answers.recall('b', 'tools/list')).toBeUndefined()
    expect(answers.of('a').get('prompts/list')).toHaveLength(2)
  })

  it('is no longer what has changed: resources and their templates together', () => {
    const answers = known()
    expect([answers.forgetList('a', 'resources'), answers.forgetList('a', 'resources')]).toEqual([true, false])
    expect([...answers.of('a').keys()]).toEqual(['initialize', 'tools/list', 'prompts/list'])
    expect(answers.forgetList('b', 'tools')).toBe(false)
  })

  it('is what was said last, and nothing of a server that is forgotten', () => {
    const answers = known()
    answers.take('a', new Map([['initialize', [page('{}')]]]))
    expect([...answers.of('a').keys()]).toEqual(['initialize'])
    answers.forget('a')
    expect(answers.of('a').size).toBe(0)
  })
})
