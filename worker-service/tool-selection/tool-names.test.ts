import { describe, expect, it } from 'vitest'
import { sampleServer, sampleTool } from '../../test/fixtures/sample-servers.ts'
import { ToolNames } from './tool-names.ts'

describe('ToolNames', () => {
  it('gives the names anew when the catalogue is another, and only then', () => {
    const names = new ToolNames()
    const servers = [sampleServer('mail', [sampleTool('search', 'Search')])]
    const catalog = { revision: 1, servers: () => servers }
    const first = names.of(catalog)
    servers.unshift(sampleServer('files', [sampleTool('search', 'Search')]))
    expect(names.of(catalog)).toBe(first)
    const second = names.of({ ...catalog, revision: 2 })
    expect([second.nameOf('mail/search'), second.nameOf('files/search')]).toEqual(['search', 'files__search'])
  })
})
