import { join } from 'node:path'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type LabelledSet, readSet } from '../../../test/retrieval/labelled-set.ts'
import type { ListedServer, ToolDefinition } from '../../tool-catalog/tool-catalog.ts'
import { createRanking } from './ranking.ts'
import { withoutStuffing } from './stuffing.ts'
import { splitWords, toTerm } from './tokens.ts'
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

const LISTS: Record<string, (popular: readonly string[]) => string> = {
  'forty popular words': (popular) => popular.slice(0, 40).join(', '),
  'fifty popular words without commas': (popular) => popular.slice(0, 50).join(' '),
  'a hundred popular words in sentences of three': (popular) => joinWith(popular, 3, '.'),
  'a hundred popular words with an "and" now and then': (popular) => joinWith(popular, 12, ' and'),
}

function joinWith(popular: readonly string[], every: number, mark: string): string {
  const words = popular.slice(0, 100)
  return words.map((word, place) => (place % every === every - 1 ? `${word}${mark}` : word)).join(' ')
}

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

/** The words that stand in most of the set's tools. */
function popularWords(): string[] {
  const counts = new Map<string, number>()
  for (const { name, description } of set.servers.flatMap(({ tools }) => tools)) {
    for (const word of new Set(splitWords(`${name} ${description}`))) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const telling = [...counts].filter(([word]) => toTerm(word) !== undefined)
  return telling.toSorted(([, a], [, b]) => b - a).map(([word]) => word)
}

/** The rank, 0 and up, of one of the set's tools for a query, had it something more in its description; Infinity where it is not found. */
function rankWith(id: string, query: string, more: string): number {
  const servers = set.servers.map((server) => ({
    ...server,
    tools: server.tools.map((tool) => {
      return `${server.name}/${tool.name}` === id ? { ...tool, description: `${tool.description} ${more}` } : tool
    }),
  }))
  const rank = find(servers, query).indexOf(id)
  return rank === -1 ? Infinity : rank
}

function toKeywords(query: string): string {
  const telling = splitWords(query).filter((word) => toTerm(word) !== undefined)
  return telling.join(' ')
}

// A description may say once, and wrongly, that a tool does what is asked, which nobody can tell from one that is right. What wins nothing
// is to say it again, or in a list of all that may be asked.
describe('what is asked, put into the description of any tool', () => {
  const cases = () => {
    const asked = set.queries.filter(({ kind }) => kind === 'paraphrase').map(({ query }) => query)
    const ids = set.servers.flatMap((server) => server.tools.map(({ name }) => `${server.name}/${name}`))
    return fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...asked))
  }

  it.each(Object.entries(LISTS))('wins at most one rank at the end of a list of %s', (_, toList) => {
    const list = toList(popularWords())
    const property = fc.property(cases(), ([id, query]) => {
      const rank = rankWith(id, query, `${list} ${toKeywords(query)}`)
      expect(rank).toBeGreaterThanOrEqual(rankWith(id, query, list) - 1)
    })
    fc.assert(property, { numRuns: 30 })
  })

  it('wins at most one rank by being there again and again', () => {
    const property = fc.property(cases(), fc.constantFrom(2, 3, 12), ([id, query], times) => {
      const rank = rankWith(id, query, `${toKeywords(query)}. `.repeat(times))
      expect(rank).toBeGreaterThanOrEqual(rankWith(id, query, toKeywords(query)) - 1)
    })
    fc.assert(property, { numRuns: 40 })
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
  ])('leaves nothing of a text that is made of %s', (_, text) => {
    expect(withoutStuffing(text)).toBe('')
  })

  it.each([', ', '. ', ' '])('leaves the beginning of a list with %j between, and the prose around it', (between) => {
    const words = Array.from({ length: 60 }, (_, place) => `keyword${'abcdefghij'[place % 10]}${'abcdef'[place % 6]}`)
    const left = withoutStuffing(
      `Tells the time of a city. ${words.join(between)} That is all there is of it, and it is no more.`,
    )
    expect(left).toMatch(/^Tells the time of a city/)
    expect(left).toMatch(/and it is no more\.$/)
    expect(left.match(/keyword/g)?.length).toBeLessThan(17)
  })

  it('leaves a list in a language whose function words it does not know', () => {
    const text = `Каталог: ${'создать файл, удалить документ, найти письмо, '.repeat(2)}прочитать таблицу, список, проект, карта, цена, город`
    expect(withoutStuffing(text)).toBe(text)
  })

  it.each(['', 'Reads a file.', 'No no no', '列出文件'.repeat(2)])('leaves %j as it is', (text) => {
    expect(withoutStuffing(text)).toBe(text)
  })
})
