import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { OneServer } from '../../test/support/one-server.ts'
import { SpawnedGroups } from '../../test/support/spawned-groups.ts'
import { createConnector } from '../server-pool/connectors/open-connection.ts'
import type { StdioServerDefinition } from '../server-pool/server-definition.ts'
import { createListRest } from './list-server.ts'
import type { ServerListing } from './server-listing.ts'

const NEVER = new AbortController().signal
const QUICK = { inputEndMs: 100, termMs: 100, killMs: 5_000 }

/** Lists a fixture server, and sees that nothing of it is left. */
async function list(program: string, overrides: Partial<StdioServerDefinition> = {}): Promise<ServerListing> {
  const groups = new SpawnedGroups()
  onTestFinished(() => vi.waitFor(() => expect(groups.left()).toEqual([])))
  const connect = createConnector({ variables: process.env, spawn: groups.spawn, graces: QUICK })
  await using server = new OneServer(fixtureServer(program, overrides), connect)
  return await server.list()
}

describe('what a server has besides tools', () => {
  it('is asked for where it says that it has it', async () => {
    const connect = createConnector({ variables: process.env })
    await using server = new OneServer(fixtureServer('verbatim'), connect)
    const rest = await createListRest(server.pool)(fixtureServer('verbatim'), NEVER)
    expect([...rest].map(([method, pages]) => [method, pages.map(String)])).toEqual([
      ['prompts/list', ['{"prompts":[{"name":"greet","x":1e2}]}']],
      ['resources/list', ['{"y":[],"resources":[{"uri":"verbatim:///a","name":"a"}]}']],
      ['resources/templates/list', ['{"resourceTemplates":[{"uriTemplate":"verbatim:///{x}","name":"t"}]}']],
    ])
  })

  it('is nothing where it has tools alone', async () => {
    const connect = createConnector({ variables: process.env })
    await using server = new OneServer(fixtureServer('well-behaved'), connect)
    expect((await createListRest(server.pool)(fixtureServer('well-behaved'), NEVER)).size).toBe(0)
  })
})

describe('the listing of a server', () => {
  it('is what it says of itself, and all pages of its tools, every member as sent', async () => {
    const { tools, answers, ...rest } = await list('well-behaved')
    expect(rest).toEqual({ title: 'Files', description: 'Reads and writes files.', withheld: [] })
    expect([...answers].map(([method, pages]) => [method, pages.length])).toEqual([
      ['initialize', 1],
      ['tools/list', 3],
    ])
    expect(tools.map(({ name }) => name)).toEqual(['read_file', 'write_file', 'delete_file'])
    expect(tools[1]).toMatchObject({ annotations: { readOnlyHint: false }, x: [1] })
  })

  it('needs no more of it than its revision and its tools', async () => {
    const args = ['{"protocolVersion":"1999-01-01","instructions":""}']
    expect(await list('odd-introduction', { args })).toMatchObject({ title: undefined, description: undefined })
  })

  it('is found among lines that are no messages', async () => {
    expect((await list('banner')).tools).toHaveLength(1)
  })

  it('has unknown characters for bytes that are no UTF-8', async () => {
    expect(await list('invalid-utf8')).toMatchObject({ tools: [{ description: 'gr\uFFFDn' }] })
  })

  it('may be a line of 4 MB', async () => {
    const { tools } = await list('long-line', { args: ['4194304'] })
    expect(tools[0]?.description).toHaveLength(4_194_304)
  })

  it('withholds broken and double tools alone', async () => {
    const { tools, withheld } = await list('broken-tools')
    expect(tools.map(({ name }) => name)).toEqual(['echo', 'mirror\u202Ered', 'a'.repeat(65)])
    const names = withheld.map(({ name }) => name)
    expect(names.slice(0, 6)).toEqual(['#2', '#3', '#4', '#5', '#6', 'a'.repeat(128)])
    expect(names.slice(6)).toEqual(['no_schema', 'array_schema', 'text_schema', 'odd_description', 'echo'])
  })

  it('is empty where the server knows no tools', async () => {
    expect(await list('without-tools')).toMatchObject({ tools: [], withheld: [] })
  })

  it.each([
    [[], 'its list of tools has over 1000 pages or 20000 tools'],
    [['--same-cursor'], 'its list of tools never ends: a cursor came twice'],
    [['--many-tools'], 'its list of tools has over 1000 pages or 20000 tools'],
  ])('is given up when it never ends (%j)', async (args, reason) => {
    await expect(list('endless-pages', { args })).rejects.toMatchObject({
      code: 'server_unavailable',
      message: `server "endless-pages": ${reason}.`,
    })
  })

  it('is waited for as long as a call may take', async () => {
    await expect(list('without-tools', { args: ['--silent'], callTimeoutMs: 500 })).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  it('is refused with the last words of a server that does not start, its secrets left out', async () => {
    await expect(list('dies-in-initialize', { env: { PASSWORD: 'hunter22' } })).rejects.toMatchObject({
      code: 'server_unavailable',
      message: expect.stringContaining(
        'server "dies-in-initialize": it exited with code 3. ' +
          'Its last lines: starting | Error: login with [redacted] failed | at \\u{7}bell',
      ),
    })
  })

  it('leaves nothing of a server that does not want to end', async () => {
    expect((await list('ignores-sigterm')).tools).toHaveLength(1)
  })
})
