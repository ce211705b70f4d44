import { describe, expect, it } from 'vitest'
import { listedTools } from './listed-tools.ts'

const READ = { name: 'read', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }

const CATALOG = {
  servers: () => [{ name: 'files', title: undefined, description: undefined, tools: [READ] }],
  skipped: () => new Map([['broken', 'it exits during initialize.']]),
  pending: () => ['slow'],
}

describe('listedTools', () => {
  it('gives the tools of a server, every member as listed', () => {
    expect(listedTools('files', CATALOG)).toEqual([READ])
  })

  it.each([
    ['broken', 'it exits during initialize.'],
    ['slow', 'it is being asked for them.'],
    ['elsewhere', 'it is not asked for them.'],
  ])('says why those of "%s" are not known', (server, reason) => {
    const message = `server "${server}": its tools are not known: ${reason}`
    expect(() => listedTools(server, CATALOG)).toThrow(expect.objectContaining({ code: 'server_unavailable', message }))
  })
})
