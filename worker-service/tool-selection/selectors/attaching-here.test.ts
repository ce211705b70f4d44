import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../shared/contracts/find-tools.ts'
import { sampleServer, sampleTool } from '../../../test/fixtures/sample-servers.ts'
import type { Attachments } from '../attachments.ts'
import type { ToolSelector } from '../tool-selector.ts'
import { attachingHere } from './attaching-here.ts'

const NEVER = new AbortController().signal
const REQUEST = {} as Parameters<ToolSelector['attach']>[0]
const SESSION: Caller = { kind: 'session', id: 's' }

/** A selector that finds these, and what is attached here of it. */
function scene(
  found: object[],
  detached: string[] = [],
  servers = [sampleServer('mail', [sampleTool('send', 'Send')])],
) {
  const details = { successful_attachments: found, detached_tools: detached }
  const selector = { attach: async () => ({ status: 'success', message: '', details }) } as unknown as ToolSelector
  const replaced: unknown[] = []
  const attachments: Attachments = {
    of: async () => [],
    async replace(caller, wanted) {
      replaced.push([caller, wanted.found, ['mail/old', 'mail/gone'].filter((id) => wanted.isKept(id))])
      return { detached: [], preserved: [], failed: [] }
    },
  }
  const catalog = { servers: () => servers }
  return {
    replaced,
    attach: (caller: Caller) => attachingHere(selector, { catalog, attachments }).attach(REQUEST, caller, NEVER),
  }
}

describe('what a selector elsewhere attaches', () => {
  it('is attached here where it is a tool of our servers, whatever its id is there', async () => {
    const { attach, replaced } = scene(
      [
        { tool_id: 'tool-17', name: 'send', server: 'mail' },
        { tool_id: 'tool-18', name: 'send', server: 'elsewhere' },
        { tool_id: 'tool-19', name: 'send' },
      ],
      ['mail/gone'],
    )
    expect((await attach(SESSION)).details.successful_attachments).toHaveLength(3)
    expect(replaced).toEqual([[SESSION, ['mail/send'], ['mail/old']]])
    const byId = scene([{ tool_id: 'mail/send', name: 'mail__send' }])
    await byId.attach(SESSION)
    expect(byId.replaced).toMatchObject([[SESSION, ['mail/send'], {}]])
  })

  it('changes nothing where nothing was found, nobody asked or there are no servers', async () => {
    const nothing = scene([])
    await nothing.attach(SESSION)
    const found = [{ tool_id: 'mail/send', name: 'send' }]
    const nobody = scene(found)
    await nobody.attach({ kind: 'nobody' })
    const serverless = scene(found, [], [])
    await serverless.attach(SESSION)
    expect([nothing.replaced, nobody.replaced, serverless.replaced]).toEqual([[], [], []])
  })
})
