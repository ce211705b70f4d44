import { describe, expect, it } from 'vitest'
import { parseToolCall } from './tool-call.ts'

describe('the body of a tool call', () => {
  it.each([
    [
      { tool: 'a', arguments: { b: [1] } },
      { tool: 'a', arguments: { b: [1] } },
    ],
    [{ tool: 'a' }, { tool: 'a', arguments: {} }],
    [
      { tool: 'a', colour: 'red' },
      { tool: 'a', arguments: {} },
    ],
  ])('%j is read', (body, call) => {
    expect(parseToolCall(body)).toEqual({ ok: true, call })
  })

  it.each([
    [{}, [{ type: 'missing', loc: ['body', 'tool'], input: null }]],
    [{ tool: null }, [{ type: 'string_type', loc: ['body', 'tool'], input: null }]],
    [{ tool: '' }, [{ type: 'string_too_short', loc: ['body', 'tool'], ctx: { min_length: 1 } }]],
    [{ tool: 'a', arguments: null }, [{ type: 'dict_type', loc: ['body', 'arguments'], input: null }]],
    [{ tool: 7, arguments: [] }, [{ type: 'string_type' }, { type: 'dict_type', input: [] }]],
    ['a', [{ type: 'model_attributes_type', loc: ['body'], input: 'a' }]],
  ])('%j is refused, with everything that is wrong', (body, issues) => {
    expect(parseToolCall(body)).toMatchObject({ ok: false, issues })
  })
})
