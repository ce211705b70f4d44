import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../../shared/contracts/find-tools.ts'
import type { FindToolsRequest } from '../../../shared/contracts/find-tools-request.ts'
import { toolSelectorContract } from '../../../test/contracts/tool-selector-contract.ts'
import { type LettaServer, startLettaServer } from '../../../test/fixtures/letta-server.ts'
import { SAMPLE_SERVERS } from '../../../test/fixtures/sample-servers.ts'
import { RecordingObserver } from '../../../test/fixtures/selector/recording-observer.ts'
import { createFixedCatalog } from '../../../test/support/fixed-catalog.ts'
import { createAttachments } from '../attachments.ts'
import { createEmbeddedSelector } from '../selectors/embedded-selector.ts'
import { createLettaAttachments, type LettaAttachmentsOptions } from './letta-attachments.ts'

const NEVER = new AbortController().signal
const ADA: Caller = { kind: 'agent', id: 'ada' }
const SERVERS = Object.fromEntries(SAMPLE_SERVERS.map(({ name, tools }) => [name, tools.map((tool) => tool.name)]))
const REQUEST: FindToolsRequest = {
  query: 'write_file',
  agent_id: 'ada',
  keep_tools: [],
  limit: 1,
  min_score: 50,
  request_heartbeat: false,
  detailed_response: false,
  compact: false,
}

let folder: string
let afterTest: AsyncDisposableStack

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotlight-letta-'))
  afterTest = new AsyncDisposableStack()
})

afterEach(async () => {
  await afterTest.disposeAsync()
  await rm(folder, { recursive: true })
})

async function start(agents: Record<string, string[]>, options: Parameters<typeof startLettaServer>[0] | object = {}) {
  return afterTest.use(await startLettaServer({ servers: SERVERS, agents, ...options }))
}

function createSelector(url: string, options: Partial<LettaAttachmentsOptions> = {}) {
  const attachments = createLettaAttachments({
    url,
    password: undefined,
    minMcpTools: 0,
    neverDetach: ['find_tools'],
    timeoutMs: 60_000,
    records: createAttachments({ folder: join(folder, 'attachments') }),
    observer: new RecordingObserver(),
    ...options,
  })
  afterTest.use(attachments)
  return createEmbeddedSelector({ catalog: createFixedCatalog(SAMPLE_SERVERS), attachments })
}

async function find(
  letta: LettaServer,
  request: Partial<FindToolsRequest>,
  options?: Partial<LettaAttachmentsOptions>,
) {
  return createSelector(letta.url, options).attach({ ...REQUEST, ...request }, ADA, NEVER)
}

toolSelectorContract('the embedded selector with a Letta server', async () => {
  const { url } = await start({ ada: [], bob: [] })
  return createSelector(url)
})

describe('attaching to the agents of a Letta server', () => {
  it('registers what Letta does not know, attaches it, and detaches the rest but for tools of no MCP server', async () => {
    const letta = await start({ ada: ['send_message', 'files/read_file', 'mail/send_email'] })
    const { details } = await find(letta, {})
    expect(letta.toolsOf('ada')).toEqual(['send_message', 'write_file'])
    expect(letta.requests).toContain('POST /v1/tools/mcp/servers/files/write_file')
    expect(details).toMatchObject({ detached_tools: ['files/read_file', 'mail/send_email'], success_count: 1 })
  })

  it('registers nothing anew', async () => {
    const letta = await start({ ada: [], bob: ['files/write_file'] })
    await find(letta, {})
    expect(letta.toolsOf('ada')).toEqual(['write_file'])
    expect(letta.requests.filter((request) => request.startsWith('POST'))).toEqual([])
  })

  it('keeps a tool under any of its names', async () => {
    for (const kept of ['files/read_file', 'read_file', 'tool-00000000-0000-4000-8000-000000000000']) {
      const letta = await start({ ada: ['files/read_file', 'mail/send_email'] })
      const { details } = await find(letta, { keep_tools: [kept] })
      expect(letta.toolsOf('ada')).toEqual(['read_file', 'write_file'])
      expect(details.preserved_tools).toEqual(['files/read_file'])
    }
  })

  it('detaches neither what is protected nor what must be left', async () => {
    const letta = await start({ ada: ['pilotlight/find_tools', 'files/read_file', 'mail/send_email'] })
    await find(letta, {}, { minMcpTools: 3 })
    expect(letta.toolsOf('ada')).toEqual(['find_tools', 'send_email', 'write_file'])
  })

  it('names what Letta refuses, with its reason, and attaches the others', async () => {
    const letta = await start({ ada: ['mail/send_email'] }, { servers: { files: ['write_file'] } })
    const { message, details } = await find(letta, { query: 'write_file and create_event', limit: 2 })
    expect(letta.toolsOf('ada')).toEqual(['write_file'])
    expect(details).toMatchObject({ success_count: 1, failure_count: 1 })
    expect(details.failed_attachments).toEqual([
      {
        tool_id: 'calendar/create_event',
        name: 'create_event',
        error: `Letta at ${letta.url} answered 400: "MCP server calendar not found".`,
      },
    ])
    expect(message).toMatch(/^Attached 1 tool: write_file\. Could not attach calendar\/create_event \(Letta at /)
  })

  it('answers all the same where Letta fails to detach a tool, which then is still attached', async () => {
    const letta = await start({ ada: ['files/read_file', 'mail/send_email'] }, { holds: 'read_file' })
    const { details } = await find(letta, {})
    expect(letta.toolsOf('ada')).toEqual(['read_file', 'write_file'])
    expect(details).toMatchObject({
      success_count: 1,
      detached_tools: ['mail/send_email'],
      preserved_tools: ['files/read_file'],
    })
  })

  it('detaches nothing when nothing could be attached', async () => {
    const letta = await start({ ada: ['mail/send_email'] }, { servers: {} })
    const { message } = await find(letta, {})
    expect(letta.toolsOf('ada')).toEqual(['send_email'])
    expect(message).toMatch(/^Attached 0 tools\. Could not attach files\/write_file/)
  })

  it('changes one agent at a time, so that the last search holds', async () => {
    const letta = await start({ ada: [] })
    const selector = createSelector(letta.url)
    const queries = ['read_file', 'write_file', 'delete_file']
    await Promise.all(queries.map((query) => selector.attach({ ...REQUEST, query }, ADA, NEVER)))
    expect(letta.toolsOf('ada')).toEqual(['delete_file'])
  })

  it('goes on after a change that failed', async () => {
    const letta = await start({ ada: [] })
    const selector = createSelector(letta.url)
    const nobody: Caller = { kind: 'agent', id: 'nobody' }
    await expect(selector.attach(REQUEST, nobody, NEVER)).rejects.toMatchObject({
      code: 'selector_failed',
      message: `Letta at ${letta.url} knows no agent "nobody".`,
    })
    await selector.attach(REQUEST, ADA, NEVER)
    expect(letta.toolsOf('ada')).toEqual(['write_file'])
  })

  it('sends the password, understands a URL with the path of the API, and says which variable is wrong', async () => {
    const letta = await start({ ada: [] }, { password: 'sesame' })
    const selector = createSelector(`${letta.url}/v1/`, { password: 'sesame' })
    await selector.attach(REQUEST, ADA, NEVER)
    expect(letta.toolsOf('ada')).toEqual(['write_file'])
    await expect(find(letta, {}, { password: 'wrong' })).rejects.toThrow(
      `Letta at ${letta.url} answered 401: "Unauthorized"; is LETTA_PASSWORD right?`,
    )
  })

  it('says that Letta is not there', async () => {
    await expect(createSelector('http://127.0.0.1:9').attach(REQUEST, ADA, NEVER)).rejects.toMatchObject({
      code: 'selector_failed',
      message: 'Letta at http://127.0.0.1:9 refused the connection; is it running?',
    })
  })

  it('attaches to a session without asking Letta', async () => {
    const letta = await start({ ada: [] })
    const session: Caller = { kind: 'session', id: 'a-session-of-our-own' }
    const { details } = await createSelector(letta.url).attach({ ...REQUEST, agent_id: null }, session, NEVER)
    expect(details.success_count).toBe(1)
    expect(letta.requests).toEqual([])
  })
})
