import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../../shared/contracts/find-tools.ts'
import type { FindToolsRequest } from '../../../shared/contracts/find-tools-request.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { toolSelectorContract } from '../../../test/contracts/tool-selector-contract.ts'
import { SAMPLE_SERVERS, sampleServer, sampleTool } from '../../../test/fixtures/sample-servers.ts'
import { createFixedCatalog } from '../../../test/support/fixed-catalog.ts'
import { fixtureServer } from '../../../test/support/fixture-server.ts'
import { LiveCatalog } from '../../tool-catalog/live-catalog.ts'
import type { ToolCatalog } from '../../tool-catalog/tool-catalog.ts'
import { createAttachments } from '../attachments.ts'
import { createEmbeddedSelector } from './embedded-selector.ts'

const NEVER = new AbortController().signal
const ADA: Caller = { kind: 'agent', id: 'ada' }
const UNSETTLED = () => new Promise<void>(() => {})
const NOBODY: Caller = { kind: 'nobody' }
const REQUEST: FindToolsRequest = {
  query: 'read_file',
  agent_id: null,
  keep_tools: [],
  limit: 10,
  min_score: 50,
  request_heartbeat: false,
  detailed_response: false,
  compact: false,
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotlight-selector-'))
})
afterEach(() => rm(folder, { recursive: true }))

function create(
  changes: Partial<ToolCatalog> = {},
  options: { isPinned?: (server: string, tool: string) => boolean } = {},
) {
  return createEmbeddedSelector({
    catalog: createFixedCatalog(SAMPLE_SERVERS, changes),
    attachments: createAttachments({ folder: join(folder, 'attachments') }),
    settleTimeoutMs: 20,
    ...options,
  })
}

toolSelectorContract('the embedded selector', async () => create())

describe('createEmbeddedSelector', () => {
  it('writes its details in the order the contract gives them', async () => {
    const { details } = await create().attach({ ...REQUEST, limit: 1, detailed_response: true }, ADA, NEVER)
    expect(JSON.stringify(details)).toBe(
      '{"successful_attachments":[{"tool_id":"files/read_file","name":"read_file","server":"files",' +
        '"description":"Read the contents of a file as text","match_score":100,"input_schema":{"type":"object",' +
        '"properties":{"path":{"type":"string","description":"Path of the file"}}},"reasons":["named in the query",' +
        '"name: read, file","description: read, file","parameter descriptions: file","server: files"]}],"detached_tools":[],' +
        '"failed_attachments":[],"preserved_tools":[],"processed_count":10,"passed_filter_count":' +
        `${details.passed_filter_count},"success_count":1,"failure_count":0,"target_agent":"ada"}`,
    )
  })

  it('gives reasons only when the answer shall be detailed', async () => {
    const { details } = await create().attach(REQUEST, NOBODY, NEVER)
    expect(details.successful_attachments.every((tool) => !('reasons' in tool))).toBe(true)
  })

  it.each([
    ['Reads a file. As text.', 'Reads a file.'],
    ['Reads version 1.2 of\n a file', 'Reads version 1.2 of a file'],
    ['word '.repeat(40), `${'word '.repeat(32)}…`],
    [undefined, ''],
  ])('gives the first sentence of the description %j in a compact answer', async (description, sentence) => {
    const tool = {
      name: 'read_file',
      inputSchema: { type: 'object' },
      ...(description !== undefined && { description }),
    }
    const selector = createEmbeddedSelector({
      catalog: createFixedCatalog([sampleServer('files', [tool])]),
      attachments: createAttachments({ folder }),
    })
    const { details } = await selector.attach({ ...REQUEST, compact: true }, NOBODY, NEVER)
    expect(details.successful_attachments).toMatchObject([{ description: sentence, signature: '()' }])
  })

  it('gives the second tool of a name its server as well', async () => {
    const { details } = await create().attach({ ...REQUEST, query: 'search' }, NOBODY, NEVER)
    expect(details.successful_attachments.map(({ tool_id, name }) => [tool_id, name])).toEqual([
      ['files/search', 'search'],
      ['mail/search', 'mail__search'],
    ])
  })

  it('keeps a tool that is named as the client sees it', async () => {
    const selector = create()
    await selector.attach({ ...REQUEST, query: 'mail/search', limit: 1 }, ADA, NEVER)
    const { details } = await selector.attach({ ...REQUEST, limit: 1, keep_tools: ['mail__search'] }, ADA, NEVER)
    expect(details).toMatchObject({ preserved_tools: ['mail/search'], detached_tools: [] })
  })

  it('passes over a tool to keep that is not attached', async () => {
    const { details } = await create().attach(
      { ...REQUEST, limit: 1, keep_tools: ['mail/search', 'no/such'] },
      ADA,
      NEVER,
    )
    expect(details).toMatchObject({ preserved_tools: [], failed_attachments: [], success_count: 1, failure_count: 0 })
  })

  it('never detaches a pinned tool', async () => {
    const selector = create({}, { isPinned: (server, tool) => server === 'files' && tool === 'write_file' })
    await selector.attach({ ...REQUEST, query: 'read_file, write_file', limit: 2 }, ADA, NEVER)
    const { details } = await selector.attach({ ...REQUEST, query: 'create_event', limit: 1 }, ADA, NEVER)
    expect(details).toMatchObject({ preserved_tools: ['files/write_file'], detached_tools: ['files/read_file'] })
  })

  it('calls the target of a session "session"', async () => {
    const { details } = await create().attach(REQUEST, { kind: 'session', id: 'a-secret' }, NEVER)
    expect(details.target_agent).toBe('session')
  })

  it('touches no file for nobody', async () => {
    await create().attach(REQUEST, NOBODY, NEVER)
    expect(await readdir(folder)).toEqual([])
  })

  it('searches what a server lists anew', async () => {
    const servers = [sampleServer('s', [sampleTool('old_name', 'Old')])]
    let revision = 1
    const catalog = createFixedCatalog(servers)
    const selector = createEmbeddedSelector({
      catalog: {
        ...catalog,
        get revision() {
          return revision
        },
      },
      attachments: createAttachments({ folder }),
    })
    expect((await selector.search('new_name', 1, NEVER))[0]?.name).toBe('old_name')
    servers[0] = sampleServer('s', [sampleTool('new_name', 'New')])
    revision = 2
    expect((await selector.search('new_name', 1, NEVER))[0]?.name).toBe('new_name')
  })

  describe('while servers are still being listed', () => {
    it('waits for them', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const servers: (typeof SAMPLE_SERVERS)[number][] = []
      const catalog = createFixedCatalog(servers, { settled: () => promise })
      const selector = createEmbeddedSelector({ catalog, attachments: createAttachments({ folder }) })
      const answer = selector.attach(REQUEST, NOBODY, NEVER)
      servers.push(...SAMPLE_SERVERS)
      resolve()
      expect((await answer).details.processed_count).toBe(10)
    })

    it('answers from the others when one takes too long', async () => {
      const selector = create({ settled: UNSETTLED })
      expect((await selector.attach(REQUEST, NOBODY, NEVER)).details.success_count).toBeGreaterThan(0)
      const { message } = await selector.attach({ ...REQUEST, query: 'weather in Paris' }, NOBODY, NEVER)
      expect(message).toMatch(/Some servers have not been listed yet; ask again in a moment\.$/)
    })

    it('waits anew for servers that are added when all were listed', async () => {
      const catalog = new LiveCatalog()
      const selector = createEmbeddedSelector({ catalog, attachments: createAttachments({ folder }) })
      expect((await selector.attach(REQUEST, NOBODY, NEVER)).details.processed_count).toBe(0)
      catalog.configure(['files'], new Set(['files']))
      const answer = selector.attach(REQUEST, NOBODY, NEVER)
      const tools = [sampleTool('read_file', 'Reads a file')]
      const told = { title: undefined, description: undefined, fingerprint: 'f', tools }
      catalog.accept(fixtureServer('files'), told)
      expect((await answer).details.processed_count).toBe(1)
    })

    it('stops waiting when the caller leaves', async () => {
      const leaving = new AbortController()
      const selector = createEmbeddedSelector({
        catalog: createFixedCatalog([], { settled: (signal) => rejectWith(signal) }),
        attachments: createAttachments({ folder }),
      })
      const answer = selector.attach(REQUEST, NOBODY, leaving.signal)
      leaving.abort()
      await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
    })

    it.each([
      ['a deadline', new DOMException('late', 'TimeoutError'), 'selector_timeout'],
      ['an error of ours', new ServiceError('shutting_down', 'The worker stops.'), 'shutting_down'],
    ])('ends with the code of %s', async (_, reason, code) => {
      const answer = create().attach(REQUEST, NOBODY, AbortSignal.abort(reason))
      await expect(answer).rejects.toMatchObject({ code })
    })

    it('can answer as soon as any server is known', async () => {
      expect(await create({ settled: UNSETTLED }).check(NEVER)).toEqual({
        tools: 10,
        servers: ['files', 'mail', 'calendar'],
      })
    })
  })

  describe('when nothing is found', () => {
    it('names the nearest tool and servers', async () => {
      expect(await messageFor('list holiday photos')).toMatch(
        /^No tool matches "list holiday photos"\. The nearest is \S+\/list_\w+, whose score of [\d.]+ is below min_score 90\. Nearest servers: /,
      )
    })

    it('names what was searched where nothing is near', async () => {
      expect(await messageFor('weather in Paris')).toBe(
        'No tool matches "weather in Paris". Searched 10 tools of files, mail, calendar.',
      )
    })

    it('names the servers that could not be listed, and why', async () => {
      const skipped = new Map([['github', 'could not start: ENOENT']])
      expect(await messageFor('weather', { skipped: () => skipped })).toMatch(
        /Could not be listed: github \(could not start: ENOENT\)\.$/,
      )
    })

    it('says so where no tool is known at all', async () => {
      expect(await messageFor('weather', { servers: () => [] })).toBe('No tool matches "weather". No tools are known.')
    })
  })
})

async function messageFor(query: string, changes: Partial<ToolCatalog> = {}): Promise<string> {
  return (await create(changes).attach({ ...REQUEST, query, min_score: 90 }, NOBODY, NEVER)).message
}

function rejectWith(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}
