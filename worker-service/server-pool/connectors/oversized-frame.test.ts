import { describe, expect, it } from 'vitest'
import { type LineEnds, LineSplitter } from '../../../shared/line-splitter.ts'
import { requestAnsweredBy } from './oversized-frame.ts'

const LONG = JSON.stringify({ content: [{ type: 'text', text: 'x'.repeat(10_000) }] })

function answered(frame: string): unknown {
  let answer: unknown = 'not too long'
  const lineSkipped = (ends: LineEnds) => {
    answer = requestAnsweredBy(ends)
  }
  new LineSplitter({ maxLineBytes: 1_000, lineSkipped }).push(Buffer.from(`${frame}\n`))
  return answer
}

describe('a frame that is too large', () => {
  it.each([
    ['at its beginning', `{"jsonrpc":"2.0","id":12,"result":${LONG}}`],
    ['at its end', `{"result":${LONG},"jsonrpc":"2.0","id":12}`],
    ['at its end, spaced out', `{ "result" : ${LONG}, "jsonrpc": "2.0" , "id" : 12 } \r`],
    ['at its beginning, with an error', `{"jsonrpc":"2.0","id":12,"error":{"code":1,"message":"no","data":${LONG}}}`],
  ])('tells which request it answers %s', (_, frame) => {
    expect(answered(frame)).toBe(12)
  })

  it.each([
    ['a notification', `{"jsonrpc":"2.0","method":"notifications/message","params":${LONG}}`],
    ['a request with its id first', `{"jsonrpc":"2.0","id":12,"method":"sampling/createMessage","params":${LONG}}`],
    ['a request with its id last', `{"method":"sampling/createMessage","params":${LONG},"jsonrpc":"2.0","id":12}`],
  ])('answers nothing as %s', (_, frame) => {
    expect(answered(frame)).toBe('none')
  })

  it.each([
    ['its id is not one of ours', `{"jsonrpc":"2.0","id":"12","result":${LONG}}`],
    ['its id stands in the middle', `{"result":${LONG},"id":12,"_meta":${LONG}}`],
    ["the id at its end is another's", `{"result":${LONG.slice(0, -1)},"task":{"id":12}}}`],
    ['the id at its end is text', `{"result":${LONG},"note":"\\",\\"id\\":12}"}`],
    ['it is an object of another kind', `{"log":${LONG}}`],
    ['it is garbage', '{'.repeat(2_000)],
  ])('does not tell what it answers where %s', (_, frame) => {
    expect(answered(frame)).toBe('unknown')
  })
})
