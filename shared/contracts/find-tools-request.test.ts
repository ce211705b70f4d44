import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findToolsParser } from './find-tools-request.ts'

const parse = findToolsParser(25)

function requestOf(input: unknown) {
  const parsed = parse(input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.request
}

function issuesOf(input: unknown) {
  const parsed = parse(input)
  return parsed.ok ? [] : parsed.issues
}

describe('a find_tools request', () => {
  it('has a default for every field', () => {
    expect(requestOf({})).toEqual({
      query: null,
      agent_id: null,
      keep_tools: [],
      limit: 10,
      min_score: 50,
      request_heartbeat: false,
      detailed_response: false,
      compact: false,
    })
  })

  it('ignores fields it does not know', () => {
    expect(requestOf({ colour: 'red' })).not.toHaveProperty('colour')
  })

  it.each([
    [undefined, 10],
    [null, 10],
    ['', 10],
    ['  ', 10],
    ['nan', 10],
    [Number.NaN, 10],
    [3.9, 3],
    ['7', 7],
    [' 7.5 ', 7],
    ['1e1', 10],
    ['1_0', 10],
    [0, 1],
    [-5, 1],
    [26, 25],
    [Infinity, 25],
    ['-inf', 1],
  ])('reads a limit of %j as %i', (limit, read) => {
    expect(requestOf({ limit }).limit).toBe(read)
  })

  it.each([
    [null, 50],
    ['0', 0],
    [-1, 0],
    [100.5, 100],
    ['62.5', 62.5],
  ])('reads a min_score of %j as %f', (min_score, read) => {
    expect(requestOf({ min_score }).min_score).toBe(read)
  })

  it.each([
    ['true', true],
    ['TRUE', true],
    ['yes', false],
    ['', false],
    [true, true],
    [1, true],
    [0, false],
    [null, false],
  ])('reads a request_heartbeat of %j as %s', (request_heartbeat, read) => {
    expect(requestOf({ request_heartbeat }).request_heartbeat).toBe(read)
  })

  it.each([
    [' a/x , b/y,,a/x ', ['a/x', 'b/y']],
    [
      ['b/y', ' a/x', 'b/y', ''],
      ['b/y', 'a/x'],
    ],
    ['', []],
    [null, []],
  ])('reads keep_tools of %j as %j', (keep_tools, read) => {
    expect(requestOf({ keep_tools }).keep_tools).toEqual(read)
  })

  it('takes an empty agent id for none', () => {
    expect(requestOf({ agent_id: '' }).agent_id).toBeNull()
  })

  it.each([
    [{ query: 7 }, { type: 'string_type', loc: ['body', 'query'], input: 7 }],
    [{ agent_id: 'a/b' }, { type: 'string_pattern_mismatch', loc: ['body', 'agent_id'], input: 'a/b' }],
    [{ limit: {} }, { type: 'float_type', loc: ['body', 'limit'], input: {} }],
    [{ limit: true }, { type: 'float_type', loc: ['body', 'limit'], input: true }],
    [{ limit: 'abc' }, { type: 'float_parsing', loc: ['body', 'limit'], input: 'abc' }],
    [{ min_score: [] }, { type: 'float_type', loc: ['body', 'min_score'], input: [] }],
    [{ keep_tools: ['a', 1] }, { type: 'string_type', loc: ['body', 'keep_tools', 1], input: 1 }],
    [{ keep_tools: 5 }, { type: 'list_type', loc: ['body', 'keep_tools'], input: 5 }],
    [{ request_heartbeat: 2 }, { type: 'bool_type', loc: ['body', 'request_heartbeat'], input: 2 }],
    [null, { type: 'model_attributes_type', loc: ['body'], input: null }],
    ['x', { type: 'model_attributes_type', loc: ['body'], input: 'x' }],
  ])('refuses %j and says where and why', (input, issue) => {
    expect(issuesOf(input)).toEqual([expect.objectContaining(issue)])
  })

  it('names everything that is wrong at once', () => {
    expect(issuesOf({ query: 1, limit: 'x' }).map(({ loc }) => loc.at(-1))).toEqual(['query', 'limit'])
  })

  it('is complete and within its bounds, or refused, whatever is sent', () => {
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.string(), fc.array(fc.string()))
    const fields = ['query', 'agent_id', 'keep_tools', 'limit', 'min_score', 'request_heartbeat', 'detailed_response']
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fields), value), (input) => {
        const parsed = parse(input)
        if (!parsed.ok) return parsed.issues.length > 0 && parsed.issues.every(({ msg }) => msg !== '')
        const { limit, min_score, keep_tools } = parsed.request
        expect(Number.isInteger(limit) && limit >= 1 && limit <= 25).toBe(true)
        expect(min_score >= 0 && min_score <= 100).toBe(true)
        expect(keep_tools).toEqual([...new Set(keep_tools.filter((id) => id !== '' && id === id.trim()))])
        return true
      }),
    )
  })
})
