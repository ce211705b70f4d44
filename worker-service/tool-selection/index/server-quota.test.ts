import { describe, expect, it } from 'vitest'
import { sampleServer, sampleTool } from '../../../test/fixtures/sample-servers.ts'
import { createRanking } from './ranking.ts'
import { buildToolIndex } from './tool-index.ts'

const MANY = sampleServer(
  'many',
  Array.from({ length: 12 }, (_, i) => sampleTool(`send_email_${'abcdefghijkl'[i]}`, 'Send an email message')),
)
const OTHER = sampleServer('other', [
  sampleTool('mail_message', 'Sends a message by email'),
  sampleTool('reply', 'Send an email in reply to a message'),
])

function find(query: string, limit: number, servers = [MANY, OTHER]) {
  const index = buildToolIndex(servers)
  const { ranked, passed } = createRanking(index)(query, { limit, minScore: 30 })
  return { servers: ranked.map(({ tool }) => index.tools[tool]?.server.name), ranked, passed }
}

describe('the share of one server in an answer', () => {
  it('is six of ten places while other servers have tools that are good enough', () => {
    const { servers, ranked, passed } = find('send an email message', 5)
    expect(servers.filter((server) => server === 'many')).toHaveLength(3)
    expect(ranked.map(({ score }) => score)).toEqual(ranked.map(({ score }) => score).toSorted((a, b) => b - a))
    expect(passed).toBe(14)
  })

  it('is all that the others leave', () => {
    expect(find('send an email message', 10).servers.filter((server) => server === 'many')).toHaveLength(8)
    expect(find('send an email message', 10, [MANY]).servers).toHaveLength(10)
  })

  it('is not held against tools that were named', () => {
    const names = MANY.tools.slice(0, 4).map(({ name }) => name)
    expect(find(names.join(', '), 4).servers).toEqual(['many', 'many', 'many', 'many'])
  })
})
