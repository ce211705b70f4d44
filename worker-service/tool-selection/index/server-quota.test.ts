import { describe, expect, it } from 'vitest'
import { sampleServer, sampleTool } from '../../../test/fixtures/sample-servers.ts'
import { createRanking } from './ranking.ts'
import { buildToolIndex } from './tool-index.ts'

const MANY = sampleServer(
  'many',
  Array.from({ length: 12 }, (_, i) => sampleTool(`send_email_${'abcdefghijkl'[i]}`, 'Send an email message')),
)
const OTHER = sampleServer(
  'other',
  Array.from({ length: 5 }, (_, i) => sampleTool(`mail_message_${'abcde'[i]}`, 'Sends a message by email')),
)

function find(query: string, limit: number, servers = [MANY, OTHER]) {
  const index = buildToolIndex(servers)
  const { ranked, passed } = createRanking(index)(query, { limit, minScore: 30 })
  return { servers: ranked.map(({ tool }) => index.tools[tool]?.server.name), ranked, passed }
}

describe('the share of one server in an answer', () => {
  it('is six of ten places while other servers have tools that are good enough', () => {
    const { servers, ranked, passed } = find('send an email message', 10)
    expect(servers.filter((server) => server === 'many')).toHaveLength(6)
    expect(ranked.map(({ score }) => score)).toEqual(ranked.map(({ score }) => score).toSorted((a, b) => b - a))
    expect(passed).toBe(17)
  })

  it('is all that the others leave', () => {
    expect(find('send an email message', 15).servers.filter((server) => server === 'many')).toHaveLength(10)
    expect(find('send an email message', 10, [MANY]).servers).toHaveLength(10)
  })

  it('is the whole of a short answer', () => {
    const { servers } = find('send an email message', 6)
    expect(servers).toEqual(Array.from({ length: 6 }, () => 'many'))
  })

  it('is not held against tools that were named', () => {
    const names = MANY.tools.slice(0, 8).map(({ name }) => name)
    expect(find(names.join(', '), 8).servers).toEqual(names.map(() => 'many'))
  })
})
