import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FindToolsSuccess, FoundTool } from '../../shared/contracts/find-tools.ts'
import { readEnvironment } from '../../shared/environment.ts'
import { allServersSocketPath } from '../../shared/server-socket.ts'
import type { Message } from '../support/fake-servers.ts'
import { GENERATIONS, type Meeting, OfficialCaller } from '../support/official-caller.ts'
import { OwnWorker } from '../support/own-worker.ts'

const PACKAGES = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol')
const entry = (name: string) => join(PACKAGES, `server-${name}/dist/index.js`)

const FACES: Record<string, (worker: OwnWorker) => Meeting> = {
  'pilot mcp': (worker) => worker.front(),
  '/mcp': (worker) => worker.endpoint(),
  'mcp.sock': ({ variables }) => ({ socketPath: allServersSocketPath(readEnvironment(variables).folders.runtime) }),
}
const WAYS = GENERATIONS.flatMap((generation) =>
  Object.entries(FACES).map(([face, meet]) => ({ generation, face, meet })),
)

let worker: OwnWorker
let notes: string

beforeAll(async () => {
  worker = await OwnWorker.start({})
  notes = join(worker.home.path, 'notes.txt')
  await writeFile(notes, 'Buy milk.')
  const filesystem = {
    command: process.execPath,
    args: [entry('filesystem'), worker.home.path],
    pinnedTools: ['list_all*'],
  }
  const memory = { command: process.execPath, args: [entry('memory')] }
  await worker.reconfigure({ mcpServers: { filesystem, memory } })
  while ((await worker.listed()) < 2) await sleep(20)
})
afterAll(() => worker[Symbol.asyncDispose]())

interface Listed {
  name: string
  inputSchema: unknown
}

async function list(client: OfficialCaller): Promise<Listed[]> {
  return (JSON.parse(await client.listTools()) as { tools: Listed[] }).tools
}

async function names(client: OfficialCaller): Promise<string[]> {
  return (await list(client)).map(({ name }) => name)
}

async function find(client: OfficialCaller, args: Record<string, unknown>): Promise<FindToolsSuccess['details']> {
  const { result = {} } = await client.call('find_tools', args)
  return (result['structuredContent'] as FindToolsSuccess).details
}

function textOf({ result }: Message): unknown {
  return (result?.['content'] as { text: string }[] | undefined)?.[0]?.text
}

function asListed({ name, input_schema: inputSchema }: FoundTool): Listed {
  return { name, inputSchema }
}

describe.each(WAYS)('an agent with $generation at $face', ({ generation, meet }) => {
  it('finds tools, is told of them, sees them in its list under the names they were found by, and calls one', async () => {
    await using client = await OfficialCaller.open(generation, meet(worker))
    expect(await names(client)).toEqual(['find_tools', 'call_tool', 'list_allowed_directories'])
    const found = (await find(client, { query: 'read a text file', limit: 3 })).successful_attachments
    await expect.poll(() => client.toolChanges).toBe(1)
    const listed = await list(client)
    for (const tool of found) expect(listed).toContainEqual(expect.objectContaining(asListed(tool)))
    expect(listed).toHaveLength(3 + found.length)
    const [tool] = found.filter(({ name }) => name === 'read_text_file')
    expect(textOf(await client.call(tool?.name ?? '', { path: notes }))).toBe('Buy milk.')
  })

  it('calls what it found through call_tool alone, by the schema that came with it', async () => {
    await using client = await OfficialCaller.open(generation, meet(worker))
    const { successful_attachments: found } = await find(client, { query: 'read a text file', limit: 3 })
    const tool = found.find(({ name }) => name === 'read_text_file')
    expect(tool?.input_schema).toMatchObject({ required: ['path'] })
    for (const named of [tool?.tool_id, tool?.name]) {
      const called = await client.call('call_tool', { tool: named, arguments: { path: notes } })
      expect(textOf(called)).toBe('Buy milk.')
    }
  })

  it('keeps what it asks to keep and what is pinned, and loses the rest', async () => {
    await using client = await OfficialCaller.open(generation, meet(worker))
    await find(client, { query: 'read_text_file and write_file', limit: 2 })
    const kept = await find(client, { query: 'read_graph', limit: 1, keep_tools: 'filesystem/write_file' })
    expect(kept).toMatchObject({
      detached_tools: ['filesystem/read_text_file'],
      preserved_tools: ['filesystem/write_file'],
    })
    expect(await names(client)).toEqual([
      'find_tools',
      'call_tool',
      'list_allowed_directories',
      'write_file',
      'read_graph',
    ])
  })

  it('has a line instead of each schema where its context is small', async () => {
    await using client = await OfficialCaller.open(generation, meet(worker))
    const { successful_attachments: found } = await find(client, { query: 'read_text_file', limit: 1, compact: true })
    expect(found[0]?.signature).toMatch(/^\(path: string/)
    expect(found[0]).not.toHaveProperty('input_schema')
  })
})

describe.each(GENERATIONS)('an agent with %s at pilot mcp', (generation) => {
  it('has what it found after the worker was killed and is back, byte for byte', async () => {
    await using client = await OfficialCaller.open(generation, worker.front())
    await find(client, { query: 'read_text_file', limit: 1 })
    const before = await client.listTools()
    await worker.restart('SIGKILL')
    expect(await client.listTools()).toBe(before)
    expect(textOf(await client.call('read_text_file', { path: notes }))).toBe('Buy milk.')
  })
})
