import { describe, expect, it } from 'vitest'
import { SAMPLE_SERVERS, sampleServer, sampleTool, watchedServer } from '../../../test/fixtures/sample-servers.ts'
import type { ListedServer } from '../../tool-catalog/tool-catalog.ts'
import { toIndexBytes } from './index-bytes.ts'
import { buildIndexParts, buildToolIndex } from './tool-index.ts'

const [FILES, MAIL, CALENDAR] = SAMPLE_SERVERS as [ListedServer, ListedServer, ListedServer]
const NEW = sampleServer('weather', [sampleTool('get_forecast', 'The weather of the next days', { city: 'A city' })])

describe('buildToolIndex with an earlier index', () => {
  it.each([
    ['comes', [FILES, NEW, MAIL, CALENDAR]],
    ['goes', [FILES, CALENDAR]],
    ['changes', [FILES, { ...MAIL, tools: [...MAIL.tools.slice(1), ...NEW.tools] }, CALENDAR]],
    ['changes its title alone', [FILES, { ...MAIL, title: 'Post Office' }, CALENDAR]],
    ['moves', [CALENDAR, MAIL, FILES]],
    ['is all there was', []],
  ])('is to the byte what a fresh one is where a server %s', (_, servers) => {
    const earlier = buildToolIndex([FILES, MAIL, CALENDAR])
    expect(toIndexBytes(buildIndexParts(servers, earlier), '')).toEqual(toIndexBytes(buildIndexParts(servers), ''))
  })

  it('is a fresh one after many changes, too', () => {
    const steps = [[MAIL], [MAIL, FILES], [NEW, FILES], [NEW, CALENDAR, FILES, MAIL]]
    const last = steps.reduce((index, servers) => buildToolIndex(servers, index), buildToolIndex([CALENDAR]))
    expect(last).toEqual(buildToolIndex(steps.at(-1) ?? []))
  })

  it('reads the tools of the server that changed, once each, and no others', () => {
    const [files, mail] = [watchedServer(FILES), watchedServer(MAIL)]
    const earlier = buildToolIndex([files.server, mail.server])
    files.reads.count = 0
    mail.reads.count = 0
    buildToolIndex([files.server, { ...mail.server, title: 'Mail' }], earlier)
    expect([files.reads.count, mail.reads.count]).toEqual([0, MAIL.tools.length])
  })
})
