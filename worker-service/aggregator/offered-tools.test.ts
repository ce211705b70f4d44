import { expect, it } from 'vitest'
import { sampleServer, sampleTool } from '../../test/fixtures/sample-servers.ts'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { LiveCatalog } from '../tool-catalog/live-catalog.ts'
import { toRemembered } from '../tool-catalog/server-listing.ts'
import { ToolNames } from '../tool-selection/tool-names.ts'
import { OfferedTools } from './offered-tools.ts'

it('keeps no list of tools as they were before they changed', async () => {
  const catalog = new LiveCatalog(['files'])
  const listAs = (description: string) => {
    const { name, ...listing } = sampleServer('files', [sampleTool('read', description)])
    catalog.accept(fixtureServer('fake', { name }), toRemembered({ ...listing, withheld: [] }))
  }
  let isFirst = true
  const attachedMeanwhile = async () => {
    // Comes right behind what goes on with what is attached.
    if (isFirst) queueMicrotask(() => queueMicrotask(() => listAs('As it is now')))
    isFirst = false
    return []
  }
  listAs('As it was')
  const offered = new OfferedTools({
    catalog,
    names: new ToolNames(),
    attachments: { of: attachedMeanwhile },
    isPinned: () => true,
    isWithheld: () => false,
    suggest: async () => [],
    askSummary: undefined,
    maxLimit: 25,
  })
  const list = () => offered.list({ kind: 'session', id: 'one' }, [])
  await list()
  expect(await list()).toContain('As it is now')
})
