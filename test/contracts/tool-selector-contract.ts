import { describe, expect, it } from 'vitest'
import { type Caller, findToolsSuccessSchema } from '../../shared/contracts/find-tools.ts'
import type { FindToolsRequest } from '../../shared/contracts/find-tools-request.ts'
import { searchResultSchema } from '../../shared/contracts/selector-api.ts'
import type { ToolSelector } from '../../worker-service/tool-selection/tool-selector.ts'

const NEVER = new AbortController().signal
const NOBODY: Caller = { kind: 'nobody' }

/**
 * What every way to select tools does. `create` makes a selector over SAMPLE_SERVERS to whose callers nothing is attached yet; it is
 * disposed after each test.
 */
export function toolSelectorContract(name: string, create: () => Promise<ToolSelector>): void {
  describe(`${name} as a ToolSelector`, () => {
    describe('searching', () => {
      searchingFacts(create)
    })
    describe('attaching', () => {
      attachingFacts(create)
    })
    describe('being stopped', () => {
      stoppingFacts(create)
    })
  })
}

function find(selector: ToolSelector, request: Partial<FindToolsRequest>, caller = NOBODY) {
  return selector.attach(toRequest({ ...request, agent_id: caller.kind === 'agent' ? caller.id : null }), caller, NEVER)
}

async function foundBy(selector: ToolSelector, request: Partial<FindToolsRequest>) {
  return (await find(selector, request)).details.successful_attachments
}

function toRequest(request: Partial<FindToolsRequest>): FindToolsRequest {
  return {
    query: null,
    agent_id: null,
    keep_tools: [],
    limit: 10,
    min_score: 50,
    request_heartbeat: false,
    detailed_response: false,
    compact: false,
    ...request,
  }
}

function searchingFacts(create: () => Promise<ToolSelector>) {
  it('finds the tool that was asked for, with its id, server, score and schema', async () => {
    await using selector = await create()
    const [best] = await foundBy(selector, { query: 'send an email' })
    expect(best).toMatchObject({ tool_id: 'mail/send_email', name: 'send_email', server: 'mail' })
    expect(best?.match_score).toBeGreaterThanOrEqual(50)
    expect(best?.input_schema).toMatchObject({ type: 'object', properties: { subject: { type: 'string' } } })
  })

  it('answers as the contract says', async () => {
    await using selector = await create()
    const answer = await find(selector, { query: 'read a file', detailed_response: true })
    expect(findToolsSuccessSchema.parse(answer)).toEqual(answer)
    expect(answer.details.success_count).toBe(answer.details.successful_attachments.length)
  })

  it('puts a tool first whose exact name is asked for', async () => {
    await using selector = await create()
    const [best] = await foundBy(selector, { query: 'delete_file' })
    expect(best).toMatchObject({ tool_id: 'files/delete_file', match_score: 100 })
  })

  it('writes the parameters on a line where the answer shall be compact', async () => {
    await using selector = await create()
    const [best] = await foundBy(selector, { query: 'send_email', compact: true })
    expect(best).toMatchObject({ name: 'send_email', signature: '(to?: string, subject?: string)' })
    expect(best).not.toHaveProperty('input_schema')
  })

  it('returns at most as many tools as the limit says', async () => {
    await using selector = await create()
    const { details } = await find(selector, { query: 'list files, emails and events', limit: 2, min_score: 0 })
    expect(details.successful_attachments).toHaveLength(2)
    expect(details.passed_filter_count).toBeGreaterThan(2)
  })

  it('returns only tools of the lowest score that was asked for, best first', async () => {
    await using selector = await create()
    const scores = (await foundBy(selector, { query: 'list the files', min_score: 80 })).map(
      (tool) => tool.match_score ?? 0,
    )
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(80)
    expect((await foundBy(selector, { query: 'list the files', min_score: 0 })).length).toBeGreaterThan(scores.length)
  })

  it('finds nothing for what no tool does, and says so', async () => {
    await using selector = await create()
    const answer = await find(selector, { query: 'weather in Paris' })
    expect(answer.status).toBe('success')
    expect(answer.message).toContain('weather in Paris')
    expect(answer.details.successful_attachments).toEqual([])
  })

  it('searches for nothing without a query', async () => {
    await using selector = await create()
    for (const query of [null, '  ']) expect(await foundBy(selector, { query, min_score: 0 })).toEqual([])
  })

  it('answers in the same order every time', async () => {
    await using selector = await create()
    const first = await find(selector, { query: 'search and list', min_score: 0 })
    for (let i = 0; i < 5; i++) expect(await find(selector, { query: 'search and list', min_score: 0 })).toEqual(first)
  })

  it('returns search results with schemas, best first and within the limit', async () => {
    await using selector = await create()
    const results = await selector.search('read a file', 2, NEVER)
    expect(results).toHaveLength(2)
    expect(results.map((result) => searchResultSchema.parse(result))).toEqual(results)
    expect(results[0]).toMatchObject({ tool_id: 'files/read_file', name: 'read_file', mcp_server_name: 'files' })
    expect(results[0]?.json_schema).toMatchObject({ type: 'object' })
  })

  it('says that it can answer', async () => {
    await using selector = await create()
    expect((await selector.check(NEVER)).tools ?? 10).toBe(10)
  })
}

function attachingFacts(create: () => Promise<ToolSelector>) {
  const ada: Caller = { kind: 'agent', id: 'ada' }

  it('attaches what it found and detaches the rest', async () => {
    await using selector = await create()
    const first = await find(selector, { query: 'write_file' }, ada)
    expect(first.message).toMatch(/^Attached /)
    expect(first.details).toMatchObject({ detached_tools: [], preserved_tools: [], target_agent: 'ada' })
    const before = first.details.successful_attachments.map(({ tool_id }) => tool_id)
    const second = await find(selector, { query: 'create_event', limit: 1 }, ada)
    expect(second.details.detached_tools).toEqual(before)
  })

  it('keeps what shall stay', async () => {
    await using selector = await create()
    await find(selector, { query: 'read_file, write_file', limit: 2 }, ada)
    const { details } = await find(selector, { query: 'create_event', limit: 1, keep_tools: ['files/write_file'] }, ada)
    expect(details).toMatchObject({ detached_tools: ['files/read_file'], preserved_tools: ['files/write_file'] })
  })

  it('changes nothing more when asked twice', async () => {
    await using selector = await create()
    await find(selector, { query: 'create_event', limit: 1 }, ada)
    const first = await find(selector, { query: 'send an email' }, ada)
    const second = await find(selector, { query: 'send an email' }, ada)
    expect(second).toEqual({ ...first, details: { ...first.details, detached_tools: [] } })
  })

  it('detaches nothing when it finds nothing or searches for nothing', async () => {
    await using selector = await create()
    await find(selector, { query: 'read_file', limit: 1 }, ada)
    for (const query of [null, 'weather in Paris']) {
      expect((await find(selector, { query }, ada)).details.detached_tools).toEqual([])
    }
    const { details } = await find(selector, { query: 'create_event', limit: 1 }, ada)
    expect(details.detached_tools).toEqual(['files/read_file'])
  })

  it('keeps callers apart', async () => {
    await using selector = await create()
    await find(selector, { query: 'read_file', limit: 1 }, ada)
    for (const caller of [
      { kind: 'agent', id: 'bob' },
      { kind: 'session', id: 'ada' },
    ] as const) {
      expect((await find(selector, { query: 'write_file', limit: 1 }, caller)).details.detached_tools).toEqual([])
    }
  })

  it('attaches nothing to nobody, and says "Found"', async () => {
    await using selector = await create()
    const first = await find(selector, { query: 'read_file', limit: 1 })
    expect(first.message).toBe('Found 1 tool: read_file')
    expect(first.details).toMatchObject({ success_count: 1, target_agent: null })
    expect((await find(selector, { query: 'write_file', limit: 1 })).details.detached_tools).toEqual([])
  })
}

function stoppingFacts(create: () => Promise<ToolSelector>) {
  it('ends with "cancelled" when the caller has left', async () => {
    await using selector = await create()
    const left = AbortSignal.abort()
    const cancelled = { name: 'ServiceError', code: 'cancelled' }
    await expect(selector.attach(toRequest({ query: 'read a file' }), NOBODY, left)).rejects.toMatchObject(cancelled)
    await expect(selector.search('read a file', 1, left)).rejects.toMatchObject(cancelled)
  })
}
