import type { JsonSchemaType } from '@modelcontextprotocol/sdk/validation'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import { describe, expect, it } from 'vitest'
import { type FindToolsReply, findToolsTool, refuseWithoutQuery, toToolResult } from './find-tools-tool.ts'

interface Result {
  content: { type: string; text: string }[]
  structuredContent: { status: string; message: string; code?: string; details: unknown }
  isError?: boolean
}

const read = (text: string | undefined) => JSON.parse(text ?? 'null') as Result
const result = (reply: FindToolsReply) => read(toToolResult(reply))
const SUCCESS = '{"status":"success","message":"Attached 1 tool: \\u00fc","details":{"n":1.0}}'
const INVALID =
  '{"detail":[{"type":"float_type","loc":["body","limit"],"msg":"Input should be a valid number","input":{}},{"type":"string_type","loc":["body","keep_tools",1],"msg":"Input should be a valid string","input":2}]}'

describe('findToolsTool', () => {
  it('names the servers and counts the tools', () => {
    const { description } = findToolsTool(25, { tools: 43, servers: ['everything', 'filesystem', 'memory'] })
    expect(description).toMatch(/Can find 43 tools of everything, filesystem, memory\.$/)
  })

  it.each([
    [{ tools: 1, servers: ['one'] }, 'Can find 1 tool of one.'],
    [{ tools: 2, servers: [] }, 'Can find 2 tools.'],
  ])('says it in good English: %j', (summary, expected) => {
    expect(findToolsTool(25, summary).description).toContain(expected)
  })

  it.each([undefined, { tools: 0, servers: ['a'] }])('leaves the figures out when they say nothing: %j', (summary) => {
    expect(findToolsTool(25, summary).description).not.toContain('Can find')
  })

  it('names no more servers than fit', () => {
    const servers = Array.from({ length: 100 }, (_, n) => `server-${n}`)
    expect(findToolsTool(25, { tools: 900, servers }).description).toMatch(/server-39 and 60 more servers\.$/)
  })

  it('advertises the fields of the contract, with query required and the configured limit', () => {
    const { inputSchema } = findToolsTool(7, undefined)
    expect(inputSchema).toMatchObject({ type: 'object', required: ['query'], properties: { limit: { maximum: 7 } } })
    expect(Object.keys(inputSchema.properties ?? {})).toEqual([
      'query',
      'agent_id',
      'keep_tools',
      'limit',
      'min_score',
      'request_heartbeat',
      'detailed_response',
      'compact',
    ])
  })

  it('has an output schema that every answer and every error fits', () => {
    const validate = new AjvJsonSchemaValidator().getValidator(
      findToolsTool(25, undefined).outputSchema as JsonSchemaType,
    )
    const failure = '{"status":"error","message":"m","code":"timeout","details":null}'
    const results = [SUCCESS, INVALID, '<html>', 'null', failure].map((body) =>
      toToolResult({ source: 'worker', body }),
    )
    const checked = [...results, refuseWithoutQuery({})].map((text) => validate(read(text).structuredContent))
    expect(checked.map(({ errorMessage }) => errorMessage)).toEqual(Array(6).fill(undefined))
  })
})

describe('toToolResult', () => {
  it('carries the body untouched, as text and as structured content', () => {
    const text = toToolResult({ source: 'worker', body: SUCCESS })
    expect(text).toContain(`"structuredContent":${SUCCESS}`)
    expect(read(text)).toEqual({
      content: [{ type: 'text', text: SUCCESS }],
      structuredContent: JSON.parse(SUCCESS),
      _meta: { 'pilotlight/source': 'worker' },
    })
  })

  it('says when the one-shot answered', () => {
    expect(result({ source: 'one-shot', body: SUCCESS })).toHaveProperty('_meta', { 'pilotlight/source': 'one-shot' })
  })

  it('is one line, whatever the body looks like', () => {
    const text = toToolResult({ source: 'worker', body: JSON.stringify(JSON.parse(SUCCESS), null, 2) })
    expect(text).not.toMatch(/[\r\n]/)
    expect(read(text).structuredContent).toEqual(JSON.parse(SUCCESS))
  })

  it('marks an error as one', () => {
    const body = '{"status":"error","message":"Busy.","code":"overloaded","retry_after_ms":1000,"details":null}'
    expect(result({ source: 'worker', body, httpStatus: 503 })).toMatchObject({
      isError: true,
      content: [{ text: body }],
      structuredContent: { code: 'overloaded', retry_after_ms: 1000 },
    })
  })

  it('turns a validation body into an error that names the fields', () => {
    expect(result({ source: 'worker', body: INVALID, httpStatus: 422 })).toMatchObject({
      isError: true,
      structuredContent: {
        status: 'error',
        code: 'invalid_request',
        message: 'limit: Input should be a valid number; keep_tools.1: Input should be a valid string.',
        details: JSON.parse(INVALID),
      },
    })
  })

  it.each([
    '<html>Bad gateway</html>',
    '',
    'null',
    '[]',
    '{}',
    '{"detail":"Not Found"}',
    '{"detail":[{"msg":"x"}]}',
    '{"status":"success"}',
    '{"status":"succ',
  ])('says so when what came is no answer: %s', (body) => {
    expect(result({ source: 'worker', body, httpStatus: 502 })).toMatchObject({
      isError: true,
      structuredContent: { code: 'server_unavailable', message: expect.stringContaining('(HTTP 502)') },
    })
  })
})

describe('refuseWithoutQuery', () => {
  it('lets every call with a query through, an odd one too', () => {
    for (const query of ['x', '', 5, {}]) expect(refuseWithoutQuery({ query })).toBeUndefined()
  })

  it('says what is missing, from no path in particular', () => {
    const refused = read(refuseWithoutQuery({ limit: 3 }))
    expect(refused).not.toHaveProperty('_meta')
    expect(refused.structuredContent.details).toEqual({
      detail: [{ type: 'missing', loc: ['body', 'query'], msg: 'Field required', input: { limit: 3 } }],
    })
  })
})
