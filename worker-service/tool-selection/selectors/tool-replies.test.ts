import { describe, expect, it } from 'vitest'
import { ATTACHED, attachedTool, attaching, FOUND } from '../../../test/fixtures/selector/behaviours.ts'
import type { ApiReply } from '../upstream/exchange.ts'
import { resolveSelectorSite } from './selector-site.ts'
import { MAX_LISTED_TOOLS, readAttachReply, readHealthReply, readSearchReply } from './tool-replies.ts'

const SITE = resolveSelectorSite({ baseUrl: 'http://selector:8020' })

function ok(value: unknown, headers: ApiReply['headers'] = {}): ApiReply {
  return { status: 200, headers, body: Buffer.from(JSON.stringify(value)) }
}

const attach = (value: unknown) => readAttachReply(ok(value), SITE, 'agent-1')

const manyTools = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ tool_id: `a/${number}`, name: 'n' }))

describe('an attach reply', () => {
  it('is completed with what a foreign selector leaves out', () => {
    const successful_attachments = [
      { tool_id: 'a', name: 'one' },
      { tool_id: 'b', name: 'two' },
    ]
    const failed_attachments = [{ tool_id: 'c' }]
    const { details } = attach({
      success: true,
      message: 'Done',
      details: { successful_attachments, failed_attachments },
    })
    expect(details).toEqual({
      successful_attachments,
      detached_tools: [],
      failed_attachments,
      preserved_tools: [],
      processed_count: 3,
      passed_filter_count: 3,
      success_count: 2,
      failure_count: 1,
      target_agent: 'agent-1',
    })
  })

  it.each([{ details: {} }, { details: null }, {}])(
    'with nothing in it is an answer that found nothing: %j',
    (rest) => {
      const answer = attach({ success: true, ...rest })
      expect(answer.message).toBe('Attached 0 tools.')
      expect(answer.details).toMatchObject({ successful_attachments: [], success_count: 0, target_agent: 'agent-1' })
    },
  )

  it('takes null for a member that was left out', () => {
    const { details } = attach({
      ...ATTACHED,
      details: { ...ATTACHED.details, detached_tools: null, success_count: null },
    })
    expect(details).toMatchObject({ detached_tools: [], success_count: 7 })
  })

  it('keeps members that only this selector has, on the details and on tools', () => {
    const tool = { ...attachedTool(1), vendor: { rank: 1 } }
    const { details } = attach({ success: true, details: { successful_attachments: [tool], took_ms: 12 } })
    expect(details).toMatchObject({ successful_attachments: [tool], took_ms: 12 })
  })

  it('loses what tells of an agent loop', () => {
    expect(attach(ATTACHED).details).not.toHaveProperty('loop_triggered')
  })

  it('says whether embeddings were used, unless it says something else by that name', () => {
    const withEmbeddings = (embeddings: unknown) =>
      attach({ ...ATTACHED, details: { ...ATTACHED.details, embeddings } }).details
    const unused = { used: false, reason: 'Nobody is there.' }
    expect(withEmbeddings(unused)).toMatchObject({ embeddings: unused })
    expect(withEmbeddings([0.1, 0.2])).not.toHaveProperty('embeddings')
  })

  it('says how many tools there are when the selector says nothing', () => {
    const { message } = attach({ success: true, details: { successful_attachments: [attachedTool(1)] } })
    expect(message).toBe('Attached 1 tool.')
    expect(readAttachReply(ok({ success: true }), SITE, null).message).toBe('Found 0 tools.')
  })

  it('is read whatever its content type says, as long as it is JSON', () => {
    const reply = ok(ATTACHED, { 'content-type': 'text/html; charset=utf-8' })
    expect(readAttachReply(reply, SITE, null).message).toBe('Attached 7 tools')
  })

  it('with a member named __proto__ changes no prototype', () => {
    const body = Buffer.from('{"success":true,"details":{"__proto__":{"polluted":true}}}')
    const { details } = readAttachReply({ status: 200, headers: {}, body }, SITE, null)
    expect(Object.getPrototypeOf(details)).toBe(Object.prototype)
    expect('polluted' in details).toBe(false)
  })

  it('is refused with more tools than are read', () => {
    expect(attach(attaching(manyTools(MAX_LISTED_TOOLS))).details.successful_attachments).toHaveLength(MAX_LISTED_TOOLS)
    expect(() => attach(attaching(manyTools(MAX_LISTED_TOOLS + 1)))).toThrow('10001 successful_attachments')
  })

  it.each([
    [{ detached_tools: [1] }, 'detached_tools[0]: Invalid input: expected string, received number.'],
    [{ detached_tools: 'a,b' }, 'detached_tools: Invalid input: expected array, received string.'],
    [{ processed_count: -1 }, 'processed_count: Too small: expected number to be >=0.'],
    [{ success_count: '7' }, 'success_count: Invalid input: expected number, received string.'],
    [{ target_agent: 7 }, 'target_agent: Invalid input: expected string, received number.'],
    [
      { failed_attachments: [{}] },
      'failed_attachments[0].tool_id: Invalid input: expected string, received undefined.',
    ],
  ])('names the member that is wrong: %j', (details, problem) => {
    expect(() => attach({ success: true, details })).toThrow(
      `Tool selector at http://selector:8020 answered with unusable details: ${problem}`,
    )
  })
})

describe('a search reply', () => {
  it('is completed with what a foreign selector leaves out', () => {
    expect(readSearchReply(ok([{ tool_id: 'a', name: 'one', score: 50 }]), SITE, 10)).toEqual([
      { tool_id: 'a', name: 'one', score: 50, description: '', mcp_server_name: '', json_schema: null },
    ])
  })

  it('is cut at the limit', () => {
    expect(readSearchReply(ok(FOUND), SITE, 1)).toEqual(FOUND.slice(0, 1))
  })

  it.each([
    [[7], '[0]: Invalid input: expected object, received number.'],
    [[{ ...FOUND[0], score: null }], '[0].score: Invalid input: expected number, received null.'],
    [[{ ...FOUND[0], name: undefined }], '[0].name: Invalid input: expected string, received undefined.'],
  ])('names the tool that is wrong: %j', (tools, problem) => {
    expect(() => readSearchReply(ok(tools), SITE, 10)).toThrow(`answered with unusable tools: ${problem}`)
  })
})

describe('a health reply', () => {
  it.each([
    [
      { status: 'healthy', tools: 3, servers: ['a'] },
      { tools: 3, servers: ['a'] },
    ],
    [{ status: 'OK' }, { tools: undefined, servers: undefined }],
    [
      { status: 'healthy', tools: '3', servers: 'a' },
      { tools: undefined, servers: undefined },
    ],
    [
      { status: 'healthy', tools: -1, servers: [1] },
      { tools: undefined, servers: undefined },
    ],
    [
      { status: 'healthy', tools: 1.5, servers: [] },
      { tools: undefined, servers: [] },
    ],
  ])('tells what is well-formed in it: %j', (health, check) => {
    expect(readHealthReply(ok(health), SITE)).toEqual(check)
  })

  it('fails where the selector says that it is unhealthy', () => {
    expect(() => readHealthReply(ok({ status: 'unhealthy' }), SITE)).toThrow('says that it is unhealthy')
  })

  it('fails where it is none', () => {
    expect(() => readHealthReply(ok('pong'), SITE)).toThrow('is no health report; is TOOL_SELECTOR_URL right?')
  })
})
