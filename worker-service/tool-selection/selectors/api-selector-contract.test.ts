import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { toolSelectorContract } from '../../../test/contracts/tool-selector-contract.ts'
import { SAMPLE_SERVERS } from '../../../test/fixtures/sample-servers.ts'
import { RecordingObserver } from '../../../test/fixtures/selector/recording-observer.ts'
import { serveSelector } from '../../../test/fixtures/selector/serve-selector.ts'
import { createFixedCatalog } from '../../../test/support/fixed-catalog.ts'
import { createAttachments } from '../attachments.ts'
import type { ToolSelector } from '../tool-selector.ts'
import { createApiSelector } from './api-selector.ts'
import { createEmbeddedSelector } from './embedded-selector.ts'

let afterTest = new AsyncDisposableStack()

afterEach(async () => {
  await afterTest.disposeAsync()
  afterTest = new AsyncDisposableStack()
})

async function createEmbedded(): Promise<ToolSelector> {
  const folder = await mkdtemp(join(tmpdir(), 'pilotlight-selector-'))
  afterTest.defer(() => rm(folder, { recursive: true }))
  return createEmbeddedSelector({
    catalog: createFixedCatalog(SAMPLE_SERVERS),
    attachments: createAttachments({ folder: join(folder, 'attachments') }),
  })
}

/** An API selector, over a real socket, in front of an embedded one. */
async function createOverHttp(): Promise<ToolSelector> {
  const { url } = afterTest.use(await serveSelector(await createEmbedded()))
  return afterTest.use(createApiSelector({ baseUrl: url, timeoutMs: 60_000, observer: new RecordingObserver() }))
}

toolSelectorContract('the API selector in front of an embedded one', createOverHttp)

describe('the API selector in front of an embedded one', () => {
  it.each(['read a file', 'weather in Paris', null])('answers %j byte for byte as that one does', async (query) => {
    const request = {
      query,
      agent_id: 'ada',
      keep_tools: [],
      limit: 10,
      min_score: 20,
      request_heartbeat: false,
      detailed_response: true,
      compact: false,
    }
    const answers = await Promise.all(
      [await createEmbedded(), await createOverHttp()].map((selector) =>
        selector.attach(request, { kind: 'agent', id: 'ada' }, new AbortController().signal),
      ),
    )
    expect(JSON.stringify(answers[1])).toBe(JSON.stringify(answers[0]))
  })
})
