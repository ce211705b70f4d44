import { describe, expect, it } from 'vitest'
import { answersTo, isAnswer, outlineFrame } from './frame-outline.ts'

const frame = (message: object) => Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))

describe('outlineFrame', () => {
  it.each([
    [
      { id: 4, method: 'tools/call', params: { id: 9, method: 'x' } },
      { kind: 'request', id: 4, method: 'tools/call' },
    ],
    [
      { id: 'a', method: 'ping' },
      { kind: 'request', id: undefined, method: 'ping' },
    ],
    [{ method: 'notifications/x' }, { kind: 'notification', method: 'notifications/x', cancels: undefined }],
    [
      { method: 'notifications/cancelled', params: { requestId: 7 } },
      { kind: 'notification', method: 'notifications/cancelled', cancels: 7 },
    ],
    [{ id: 1, result: { method: 'x' } }, { kind: 'answer' }],
  ])('reads %j', (message, outline) => {
    expect(outlineFrame(frame(message))).toEqual(outline)
  })
})

describe('answersTo', () => {
  it.each([
    [{ id: 1, result: {} }, true],
    [{ result: { id: 2 }, id: 1 }, true],
    [{ result: {}, id: 1, x: 1 }, true],
    [{ id: 2, result: {} }, false],
    [{ id: '1', result: {} }, false],
    [{ id: null, error: { code: 1, message: '' } }, false],
    [{ id: 1, method: 'ping' }, false],
  ])('of %j is %s for 1', (message, expected) => {
    expect(answersTo(frame(message), 1)).toBe(expected)
  })
})

describe('isAnswer', () => {
  it.each([
    [{ id: 1, result: { method: 'x' } }, true],
    [{ id: 1, error: { code: 1, message: '"method":' } }, true],
    [{ params: { result: 1, text: 'a \\" "result": 1' }, method: 'x' }, false],
    [{ id: 1, method: 'ping' }, false],
  ])('of %j is %s', (message, expected) => {
    expect(isAnswer(frame(message))).toBe(expected)
  })

  it.each(['', '{', '"result"', '[{"result":1}]', '{"a', '\\'])('is not fooled by %j', (text) => {
    expect(isAnswer(Buffer.from(text))).toBe(false)
  })
})
