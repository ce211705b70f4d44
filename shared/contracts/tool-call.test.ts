import { describe, expect, it } from 'vitest'
import { issuesOfToolCall } from './tool-call.ts'

describe('the body of a tool call', () => {
  it.each([{ tool: 'a', arguments: { b: [1] } }, { tool: 'a' }, { tool: 'a', colour: 'red' }])('may be %j', (body) => {
    expect(issuesOfToolCall(body)).toEqual([])
  })

  it.each([
    [{}, [{ type: 'missing', loc: ['body', 'tool'], input: null }]],
    [{ tool: null }, [{ type: 'string_type', loc: ['body', 'tool'], input: null }]],
    [{ tool: '' }, [{ type: 'string_too_short', loc: ['body', 'tool'], ctx: { min_length: 1 } }]],
    [{ tool: 'a', arguments: null }, [{ type: 'dict_type', loc: ['body', 'arguments'], input: null }]],
    [{ tool: 7, arguments: [] }, [{ type: 'string_type' }, { type: 'dict_type', input: [] }]],
    ['a', [{ type: 'model_attributes_type', loc: ['body'], input: 'a' }]],
  ])('may not be %j, and everything that is wrong is told', (body, issues) => {
    expect(issuesOfToolCall(body)).toMatchObject(issues)
  })
})
