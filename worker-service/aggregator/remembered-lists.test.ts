import { describe, expect, it } from 'vitest'
import type { ServerAnswers } from '../tool-catalog/server-answers.ts'
import { RememberedLists } from './remembered-lists.ts'

const page = (result: object) => Buffer.from(JSON.stringify(result))
const greeting = (capabilities: object) => [page({ capabilities })]

const ANSWERS: Record<string, ServerAnswers> = {
  unknown: new Map(),
  several: new Map([
    ['initialize', greeting({ resources: {} })],
    [
      'resources/list',
      [
        page({ resources: [{ uri: 'a:a', name: 'a' }], nextCursor: '2' }),
        page({ resources: [{ uri: 'a:b', name: 'b' }] }),
      ],
    ],
    ['resources/templates/list', [page({ resourceTemplates: [{ uriTemplate: 'a:{x}', name: 't' }, {}] })]],
  ]),
  silent: new Map([['initialize', greeting({ prompts: {} })]]),
}

const lists = new RememberedLists(Object.keys(ANSWERS), (server) => ANSWERS[server] ?? new Map())

describe('the lists that are remembered', () => {
  it('have what servers listed, on all pages, and nothing where they said that they have none', async () => {
    expect(await lists.of('resources')).toEqual([
      {
        server: 'several',
        items: [
          { uri: 'a:a', name: 'a' },
          { uri: 'a:b', name: 'b' },
        ],
      },
      { server: 'silent', items: [] },
    ])
    expect(await lists.of('resourceTemplates')).toMatchObject([{ items: [{ uriTemplate: 'a:{x}' }] }, { items: [] }])
  })

  it('leave out servers of which nobody knows what they have', async () => {
    expect(await lists.of('prompts')).toEqual([{ server: 'several', items: [] }])
  })
})
