import { describe, expect, it } from 'vitest'
import { sampleServer, sampleTool } from '../../test/fixtures/sample-servers.ts'
import type { ListedServer } from '../tool-catalog/tool-catalog.ts'
import { buildToolIndex } from './index/tool-index.ts'
import { SearchableTools } from './searchable-tools.ts'

const SEARCH = 'Searches all that there is, by words'
const NAMES = { nameOf: (id: string) => id.replace('/', '_'), idOf: () => undefined }

function find(query: string, servers: readonly ListedServer[], limit = 10) {
  const tools = new SearchableTools(1, buildToolIndex(servers), NAMES)
  const { ranked } = tools.rank(query, { limit, minScore: 50 })
  const found = tools.toFoundTools(ranked, query, { detailed_response: false, compact: false })
  return found.map(({ tool_id, siblings }) => [tool_id, siblings])
}

describe('siblings of a found tool', () => {
  it('are the tools of its name on other servers, each with its difference', () => {
    const servers = [
      sampleServer('github', [sampleTool('create_issue', 'Opens an issue.', { repo: 'R', title: 'T' })]),
      sampleServer('gitlab', [sampleTool('create_issue', 'Opens an issue. For GitLab.', { project: 'P', title: 'T' })]),
      sampleServer('gitea', [sampleTool('createIssue', 'Opens an issue!', { repo: 'R', title: 'T' })]),
    ]
    expect(find('github/create_issue', servers, 1)).toEqual([
      [
        'github/create_issue',
        [
          {
            tool_id: 'gitlab/create_issue',
            name: 'gitlab_create_issue',
            difference: 'also takes project; does not take repo; says "Opens an issue."',
          },
          { tool_id: 'gitea/createIssue', name: 'gitea_createIssue', difference: 'the same, on another server' },
        ],
      ],
    ])
  })

  it('are those of its description under another name, too', () => {
    const servers = [
      sampleServer('a', [sampleTool('find_it', SEARCH)]),
      sampleServer('b', [sampleTool('seek', SEARCH)]),
    ]
    const sibling = { tool_id: 'b/seek', name: 'b_seek', difference: 'the same, on another server' }
    expect(find('find_it', servers, 1)).toEqual([['a/find_it', [sibling]]])
  })

  it('are told once, by the first of those that were found', () => {
    const servers = ['a', 'b', 'c'].map((name) => sampleServer(name, [sampleTool('search', SEARCH)]))
    const told = find('search', servers).map(([, siblings]) => (siblings as unknown[] | undefined)?.length)
    expect(told).toEqual([2, 1, undefined])
  })

  it('are three at most, and none where only a server has such a tool or the descriptions say nothing', () => {
    const many = Array.from({ length: 9 }, (_, i) => sampleServer(`s${i}`, [sampleTool('search', SEARCH)]))
    expect(find('search', many, 1)[0]?.[1]).toHaveLength(3)
    const own = [
      sampleServer('a', [sampleTool('one', ''), sampleTool('two', '')]),
      sampleServer('b', [sampleTool('six', '')]),
    ]
    expect(find('one', own)).toEqual([['a/one', undefined]])
  })
})
