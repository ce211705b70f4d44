import { describe, expect, it } from 'vitest'
import type { RecalledMethod } from '../routing/list-methods.ts'
import { decodeAnswers, encodeAnswers, NO_ANSWERS, type ServerAnswers, withinBounds } from './server-answers.ts'

function answersOf(...answers: [method: RecalledMethod, ...pages: (string | Buffer)[]][]): ServerAnswers {
  return new Map(answers.map(([method, ...pages]) => [method, pages.map((page) => Buffer.from(page))]))
}

const ANSWERS = answersOf(
  ['initialize', '{ "protocolVersion" : "2025-11-25", "x":1.50 }'],
  ['tools/list', '{"tools":[],"nextCursor":"2"}', '{"tools":["\\u00e9 initialize {}"]}'],
  ['resources/list', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
)

describe('the answers of a server', () => {
  it('are in a file as they came, byte for byte, whatever the bytes', () => {
    expect(decodeAnswers(encodeAnswers(ANSWERS))).toEqual(ANSWERS)
    expect(decodeAnswers(encodeAnswers(NO_ANSWERS))).toEqual(NO_ANSWERS)
  })

  it('are not read from a file that lost or changed a byte anywhere', () => {
    const file = encodeAnswers(ANSWERS)
    for (let at = 0; at < file.length; at++) {
      expect(() => decodeAnswers(file.subarray(0, at))).toThrow(/^it is (damaged|of another version)$/)
      const changed = Buffer.from(file)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => decodeAnswers(changed)).toThrow(/^it is (damaged|of another version)$/)
    }
  })

  it('are not read from a file with methods that are not known', () => {
    const unknown = new Map([['tasks/list', [Buffer.from('{}')]]]) as unknown as ServerAnswers
    expect(() => decodeAnswers(encodeAnswers(unknown))).toThrow('it is of another version')
  })

  it('are kept up to 4 MiB, a whole answer or none', () => {
    const large = Buffer.alloc(3 * 1024 * 1024, 'x')
    const kept = withinBounds(answersOf(['initialize', '{}'], ['tools/list', large, large], ['prompts/list', large]))
    expect([...kept.keys()]).toEqual(['initialize', 'prompts/list'])
  })
})
