import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { FIND_TOOLS_DEFAULTS } from '../../shared/contracts/find-tools-fields.ts'
import type { ListedServer } from '../../worker-service/tool-catalog/tool-catalog.ts'
import { createRanking } from '../../worker-service/tool-selection/index/ranking.ts'
import { buildToolIndex } from '../../worker-service/tool-selection/index/tool-index.ts'

const PACKAGES = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol')

async function listTools(name: string, folder: string): Promise<ListedServer> {
  const entry = join(PACKAGES, `server-${name}/dist/index.js`)
  const args = name === 'filesystem' ? [entry, folder] : [entry]
  const client = new Client({ name: 'retrieval-test', version: '1' })
  await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd: folder, stderr: 'ignore' }))
  try {
    const { tools } = await client.listTools()
    return {
      name,
      title: client.getServerVersion()?.title,
      description: client.getInstructions(),
      tools,
    }
  } finally {
    await client.close()
  }
}

let find: (query: string) => string[]

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pilotlight-retrieval-'))
  try {
    const names = ['everything', 'filesystem', 'memory', 'sequential-thinking']
    const index = buildToolIndex(await Promise.all(names.map((name) => listTools(name, folder))))
    const rank = createRanking(index)
    const { limit, min_score: minScore } = FIND_TOOLS_DEFAULTS
    find = (query) => rank(query, { limit, minScore }).ranked.map(({ tool }) => index.tools[tool]?.tool.name ?? '')
  } finally {
    await rm(folder, { recursive: true })
  }
})

describe('the ranking over four real servers, with the default limit and min_score', () => {
  it.each([
    ['read a file', 'read_file'],
    ['read several files at once', 'read_multiple_files'],
    ['list a folder', 'list_directory'],
    ['list the files in this directory', 'list_directory'],
    ['find files matching a pattern', 'search_files'],
    ['search for files by name', 'search_files'],
    ['create a new directory', 'create_directory'],
    ['make a folder', 'create_directory'],
    ['write text to a file', 'write_file'],
    ['edit a file', 'edit_file'],
    ['rename a file', 'move_file'],
    ['move a file to another folder', 'move_file'],
    ['which directories can I access', 'list_allowed_directories'],
    ['directory tree', 'directory_tree'],
    ['add two numbers', 'get-sum'],
    ['sum of numbers', 'get-sum'],
    ['compress a file with gzip', 'gzip-file-as-resource'],
    ['zip this file', 'gzip-file-as-resource'],
    ['environment variables', 'get-env'],
    ['echo a message', 'echo'],
    ['show an image', 'get-tiny-image'],
    ['a long running operation with progress', 'trigger-long-running-operation'],
    ['simulate research', 'simulate-research-query'],
    ['toggle logging', 'toggle-simulated-logging'],
    ['resource links', 'get-resource-links'],
    ['search the knowledge graph', 'search_nodes'],
    ['delete an entity from the graph', 'delete_entities'],
    ['create relations between entities', 'create_relations'],
    ['think step by step', 'sequentialthinking'],
    ['break down a complex problem', 'sequentialthinking'],
    ['read_graph', 'read_graph'],
    ['readfile', 'read_file'],
    ['list_dir', 'list_directory'],
    ['filesystem/read_file', 'read_file'],
  ])('finds for %j first %s', (query, tool) => {
    expect(find(query)[0]).toBe(tool)
  })

  it.each([
    ['read a file and list a folder', ['read_file', 'read_text_file', 'list_directory']],
    ['file size and modification time', ['get_file_info', 'list_directory_with_sizes']],
    ['store facts in the knowledge graph', ['add_observations', 'create_entities']],
    ['Could you please help me to read the file notes.txt and tell me what is in it?', ['read_file', 'read_text_file']],
    ['I need to read the config at /etc/app.yaml, then update a line in it', ['edit_file', 'read_text_file']],
    ['read_file, write_file and get-sum', ['read_file', 'write_file', 'get-sum']],
  ])('finds for %j all of %j', (query, tools) => {
    expect(find(query)).toEqual(expect.arrayContaining(tools))
  })

  it.each([
    'weather in Paris',
    'send an email to Bob',
    'open a GitHub issue',
    'create a pull request',
    'query a postgres database',
    'book a flight to Tokyo',
    'play some music',
    'translate text to French',
    'stock price of Apple',
    'run a shell command',
    'schedule a meeting tomorrow',
  ])('finds nothing for %j', (query) => {
    expect(find(query)).toEqual([])
  })
})
