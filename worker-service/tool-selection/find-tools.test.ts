import { describe, expect, it } from 'vitest'
import type { Caller, FindToolsSuccess } from '../../shared/contracts/find-tools.ts'
import type { FindToolsRequest } from '../../shared/contracts/find-tools-request.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { createFindTools, type FindToolsOrigin, toAnswerText } from './find-tools.ts'
import type { ToolSelector } from './tool-selector.ts'

const ANSWER: FindToolsSuccess = {
  status: 'success',
  message: 'Found 0 tools.',
  details: {
    successful_attachments: [],
    detached_tools: [],
    failed_attachments: [],
    preserved_tools: [],
    processed_count: 0,
    passed_filter_count: 0,
    success_count: 0,
    failure_count: 0,
    target_agent: null,
  },
}

const NOBODY: FindToolsOrigin = { agentHeader: undefined, session: undefined }

function setUp(attach: ToolSelector['attach'] = async () => ANSWER) {
  const calls: { request: FindToolsRequest; caller: Caller; signal: AbortSignal }[] = []
  const selector: ToolSelector = {
    attach: (request, caller, signal) => {
      calls.push({ request, caller, signal })
      return attach(request, caller, signal)
    },
    search: async () => [],
    check: async () => ({ tools: undefined, servers: undefined }),
    [Symbol.asyncDispose]: async () => {},
  }
  const findTools = createFindTools({ selector, maxLimit: 25 })
  const ask = (input: unknown, from: Partial<FindToolsOrigin> = {}) =>
    findTools(input, { ...NOBODY, ...from }, new AbortController().signal)
  return { ask, calls, findTools }
}

describe('createFindTools', () => {
  it('hands the selector a complete request and the signal', async () => {
    const { findTools, calls } = setUp()
    const { signal } = new AbortController()
    await findTools({ query: 'read a file', limit: '3' }, NOBODY, signal)
    expect(calls).toEqual([
      {
        request: {
          query: 'read a file',
          agent_id: null,
          keep_tools: [],
          limit: 3,
          min_score: 50,
          request_heartbeat: false,
          detailed_response: false,
          compact: false,
        },
        caller: { kind: 'nobody' },
        signal,
      },
    ])
    expect(calls[0]?.signal).toBe(signal)
  })

  it('caps the limit', async () => {
    const { ask, calls } = setUp()
    await ask({ query: 'x', limit: 1_000 })
    expect(calls[0]?.request.limit).toBe(25)
  })

  it('refuses what cannot be read without asking the selector', async () => {
    const { ask, calls } = setUp()
    expect(await ask({ query: 'x', limit: 'abc' })).toMatchObject({
      kind: 'invalid',
      body: { detail: [{ type: 'float_parsing', loc: ['body', 'limit'], input: 'abc' }] },
    })
    expect(calls).toEqual([])
  })

  describe('finds out who calls', () => {
    it.each([
      ['the agent of the body', { agent_id: 'a' }, {}, { kind: 'agent', id: 'a' }],
      ['the agent of the header where it stands alone', {}, { agentHeader: 'h' }, { kind: 'agent', id: 'h' }],
      ['one agent where both say the same', { agent_id: 'a' }, { agentHeader: 'a' }, { kind: 'agent', id: 'a' }],
      ['the agent before the session', { agent_id: 'a' }, { session: 's' }, { kind: 'agent', id: 'a', session: 's' }],
      ['the session where there is no agent', {}, { session: 's' }, { kind: 'session', id: 's' }],
      ['nobody for an empty header', {}, { agentHeader: '' }, { kind: 'nobody' }],
      ['nobody for a session that is none of ours', {}, { session: '../../x' }, { kind: 'nobody' }],
      ['nobody for an overlong session', {}, { session: 's'.repeat(129) }, { kind: 'nobody' }],
    ])('%s', async (_, input, from, caller) => {
      const { ask, calls } = setUp()
      await ask(input, from)
      expect(calls[0]?.caller).toEqual(caller)
      expect(calls[0]?.request.agent_id).toBe('id' in caller && caller.kind === 'agent' ? caller.id : null)
    })

    it('refuses two different agents and names both', async () => {
      const { ask, calls } = setUp()
      const outcome = await ask({ agent_id: 'left' }, { agentHeader: 'right' })
      expect(outcome).toEqual({
        kind: 'invalid',
        body: {
          detail: [
            {
              type: 'value_error',
              loc: ['body', 'agent_id'],
              msg: 'agent_id "left" and the x-agent-id header "right" name different agents; send one of them',
              input: 'left',
            },
          ],
        },
      })
      expect(calls).toEqual([])
    })

    it('refuses a header that is no agent id', async () => {
      const outcome = await setUp().ask({}, { agentHeader: 'a b' })
      expect(outcome).toMatchObject({
        kind: 'invalid',
        body: { detail: [{ type: 'string_pattern_mismatch', loc: ['header', 'x-agent-id'], input: 'a b' }] },
      })
    })

    it('names everything that is wrong at once, header and body', async () => {
      const outcome = await setUp().ask({ limit: {}, agent_id: '?' }, { agentHeader: 'a b' })
      if (outcome.kind !== 'invalid') throw new Error(`expected a refusal, got ${outcome.kind}`)
      expect(outcome.body.detail.map(({ loc }) => loc)).toEqual([
        ['body', 'agent_id'],
        ['body', 'limit'],
        ['header', 'x-agent-id'],
      ])
    })
  })

  it("passes a selector's error on", async () => {
    const error = new ServiceError('selector_timeout', 'Tool selector did not answer within 15000 ms.')
    const { ask } = setUp(() => Promise.reject(error))
    expect(await ask({ query: 'x' })).toEqual({ kind: 'failed', error })
  })

  it('turns an unknown error into internal and keeps its text from the caller', async () => {
    const { ask } = setUp(() => Promise.reject(new Error('secret of /etc/shadow')))
    const outcome = await ask({ query: 'x' })
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'internal' } })
    expect(toAnswerText(outcome)).not.toContain('secret')
  })
})

describe('toAnswerText', () => {
  it('writes an answer in a fixed order, compact', () => {
    const { details, message } = ANSWER
    const text = toAnswerText({ kind: 'answer', answer: { details, message, status: 'success' } })
    expect(text).toBe(
      '{"status":"success","message":"Found 0 tools.","details":{"successful_attachments":[],"detached_tools":[],' +
        '"failed_attachments":[],"preserved_tools":[],"processed_count":0,"passed_filter_count":0,"success_count":0,' +
        '"failure_count":0,"target_agent":null}}',
    )
  })

  it('writes a failure as its error body', () => {
    const error = new ServiceError('selector_failed', 'The selector sent no JSON.')
    expect(toAnswerText({ kind: 'failed', error })).toBe(
      '{"status":"error","message":"The selector sent no JSON.","code":"selector_failed","details":null}',
    )
  })

  it('writes a refusal as FastAPI does', () => {
    const detail = [{ type: 'float_type', loc: ['body', 'limit'], msg: 'Input should be a valid number', input: {} }]
    expect(toAnswerText({ kind: 'invalid', body: { detail } })).toBe(JSON.stringify({ detail }))
  })
})
