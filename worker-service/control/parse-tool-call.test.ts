import { describe, expect, it } from 'vitest'
import { InvalidInput } from './invalid-input.ts'
import { parseArguments, parseToolCall } from './parse-tool-call.ts'

function parse(body: string | Buffer) {
  const call = parseToolCall(Buffer.from(body))
  return [call.tool, call.arguments.toString()]
}

function issuesOf(read: () => unknown) {
  try {
    return read()
  } catch (thrown) {
    return thrown instanceof InvalidInput ? thrown.issues : thrown
  }
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('the body of a tool call', () => {
  it.each([
    ['{"tool":"a"}', 'a', '{}'],
    ['{"tool":"a","arguments":{}}', 'a', '{}'],
    [
      ' { "arguments" : { "n" : 1e400, "n":12345678901234567890 } , "x":{"tool":"b"}, "tool" : "a" } ',
      'a',
      '{ "n" : 1e400, "n":12345678901234567890 }',
    ],
    ['{"t\\u006fol":"\\u0061\\"","arguments":{"__proto__":"\\ud800"}}', 'a"', '{"__proto__":"\\ud800"}'],
    ['\uFEFF{"tool":"é","arguments":{\n"é":"grün"\n}}', 'é', '{\n"é":"grün"\n}'],
  ])('%s is a call whose arguments are as they came', (body, tool, args) => {
    expect(parse(body)).toEqual([tool, args])
  })

  it.each([
    ['{"tool":"a","tool":"b"}', 'tool'],
    ['{"tool":"a","arguments":{},"argument\\u0073":{"x":1}}', 'arguments'],
  ])('%s is refused, as readers differ in which of the two they take', (body, member) => {
    expect(issuesOf(() => parse(body))).toEqual([
      { type: 'value_error', loc: ['body', member], msg: `The member "${member}" stands there twice`, input: null },
    ])
  })

  it.each([
    ['[]', [{ type: 'model_attributes_type', loc: ['body'], input: [] }]],
    ['{"arguments":[1.50]}', [{ type: 'missing' }, { type: 'dict_type', input: [1.5] }]],
    [
      '{"tool":{},"arguments":null}',
      [
        { type: 'string_type', input: {} },
        { type: 'dict_type', input: null },
      ],
    ],
  ])('%s is refused with everything that is wrong', (body, issues) => {
    expect(issuesOf(() => parse(body))).toMatchObject(issues)
  })

  it('may nest as deep as a frame around the arguments may', () => {
    const body = (depth: number) => `{"tool":"a","arguments":{"x":${nested(depth)}}}`
    expect(parse(body(61))).toEqual(['a', `{"x":${nested(61)}}`])
    expect(() => parse(body(62))).toThrow(InvalidInput)
  })

  it.each([
    ['', 'missing', ['body']],
    ['{"tool":"a"', 'json_invalid', ['body', 11]],
    ['{"tool":"a"} x', 'json_invalid', ['body', 13]],
    ['{"tool":"a","arguments":{"x":01}}', 'json_invalid', ['body', 30]],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'json_invalid', ['body', 0]],
  ])('%s is no JSON, and where', (body, type, loc) => {
    expect(issuesOf(() => parse(body))).toMatchObject([{ type, loc }])
  })
})

describe('a tool call whose arguments stand alone', () => {
  const parseAlone = (tool: string, args: string | Buffer) => {
    const call = parseArguments(tool, Buffer.from(args))
    return [call.tool, call.arguments.toString()]
  }

  it.each([
    ['', '{}'],
    ['{}', '{}'],
    [' {"n":1.0,"n":12345678901234567890} ', ' {"n":1.0,"n":12345678901234567890} '],
    ['{"tool":1,"tool":2,"__proto__":"\\ud800"}', '{"tool":1,"tool":2,"__proto__":"\\ud800"}'],
    ['\uFEFF{"é":"grün"}', '{"é":"grün"}'],
  ])('takes %s as it came', (args, passed) => {
    expect(parseAlone('a', args)).toEqual(['a', passed])
  })

  it.each([
    ['[1.50]', { type: 'dict_type', loc: ['body', 'arguments'], input: [1.5] }],
    ['null', { type: 'dict_type', input: null }],
    ['{"x":01}', { type: 'json_invalid', loc: ['body', 'arguments', 6] }],
    ['{},"tool":"b"', { type: 'json_invalid' }],
    [`{"x":${nested(62)}}`, { type: 'json_invalid' }],
    [Buffer.from([0x7b, 0xff, 0x7d]), { type: 'json_invalid', loc: ['body', 'arguments', 0] }],
  ])('refuses %s', (args, issue) => {
    expect(issuesOf(() => parseAlone('a', args))).toMatchObject([issue])
  })

  it('says in words that they are no JSON, where, and why', () => {
    expect(() => parseAlone('a', '{x')).toThrow('arguments: JSON decode error at character 1: Expecting valid JSON')
    expect(() => parseToolCall(Buffer.from('{x'))).toThrow(
      'body: JSON decode error at character 1: Expecting valid JSON',
    )
  })

  it('may nest as deep as in a body, and needs a tool as it does', () => {
    expect(parseAlone('a', `{"x":${nested(61)}}`)).toEqual(['a', `{"x":${nested(61)}}`])
    expect(issuesOf(() => parseAlone('', '[]'))).toMatchObject([{ type: 'string_too_short' }, { type: 'dict_type' }])
  })
})
