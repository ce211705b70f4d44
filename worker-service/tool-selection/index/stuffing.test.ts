import { join } from 'node:path'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type LabelledSet, readSet } from '../../../test/retrieval/labelled-set.ts'
import type { ListedServer, ToolDefinition } from '../../tool-catalog/tool-catalog.ts'
import { createRanking } from './ranking.ts'
import { withoutStuffing } from './stuffing.ts'
import { buildToolIndex } from './tool-index.ts'

type Stuffing = (tool: ToolDefinition, words: string, times: number) => ToolDefinition

const STUFFINGS: Record<string, Stuffing> = {
  'what is asked, behind the description': (tool, words, times) => ({
    ...tool,
    description: `${tool.description} ${`${words} `.repeat(times)}`,
  }),
  'what is asked, before the description': (tool, words, times) => ({
    ...tool,
    description: `${`${words}. `.repeat(times)}${tool.description}`,
  }),
  'its own description': (tool, _, times) => ({ ...tool, description: `${tool.description} `.repeat(times) }),
  'its title': (tool, words, times) => ({ ...tool, title: `${words} `.repeat(times) }),
  'a parameter': (tool, words, times) => ({
    ...tool,
    inputSchema: { properties: { keywords: { type: 'string', description: `${words} `.repeat(times) } } },
  }),
}
const ALL = { limit: 1_000, minScore: 0 }

let set: LabelledSet

beforeAll(async () => {
  set = await readSet(join(import.meta.dirname, '../../../test/retrieval/golden'))
})

/** The tools found for a query, by their ids. */
function find(servers: readonly ListedServer[], query: string): string[] {
  const index = buildToolIndex(servers)
  return createRanking(index)(query, ALL).ranked.map(({ tool }) => index.tools[tool]?.id ?? '')
}

describe('a tool that is stuffed with keywords', () => {
  it.each(Object.entries(STUFFINGS))('gains at most one rank by repeating %s', (_, stuff) => {
    const asked = set.queries.filter(({ kind }) => kind === 'paraphrase').map(({ query }) => query)
    fc.assert(
      fc.property(fc.constantFrom(...asked), fc.nat(9), fc.integer({ min: 12, max: 60 }), (query, place, times) => {
        const before = find(set.servers, query)
        const id = before[place]
        const servers = set.servers.map((server) => ({
          ...server,
          tools: server.tools.map((tool) => (`${server.name}/${tool.name}` === id ? stuff(tool, query, times) : tool)),
        }))
        const after = find(servers, query).indexOf(id ?? '')
        expect(id === undefined || after === -1 || after >= place - 1).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})

describe('withoutStuffing', () => {
  it('leaves every description of real servers as it is', () => {
    for (const { description } of set.servers.flatMap(({ tools }) => tools)) {
      expect(withoutStuffing(description ?? '')).toBe(description)
    }
  })

  it.each([
    ['one word', 'email '.repeat(20)],
    ['a phrase', `Sends messages. ${'send an email to a person, '.repeat(6)}`],
    ['words in any order', 'mail send email send mail email email mail send send email mail mail send email send'],
    ['keywords', Array.from({ length: 50 }, (_, i) => `keyword${i}`).join(', ')],
  ])('leaves nothing of a text that is made of %s', (_, text) => {
    expect(withoutStuffing(text)).toBe('')
  })

  it.each(['', 'Reads a file.', 'No no no', '列出文件'.repeat(2)])('leaves %j as it is', (text) => {
    expect(withoutStuffing(text)).toBe(text)
  })
})
