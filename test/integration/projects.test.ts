import { mkdir, realpath, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient } from '../support/line-client.ts'
import { OwnWorker } from '../support/own-worker.ts'

const AT_HOME = {
  command: process.execPath,
  args: [join(import.meta.dirname, '../fixtures/servers/at-home.cjs')],
}
const CONFIGURATION = {
  mcpServers: {
    project: { ...AT_HOME, share: 'project' },
    placed: { ...AT_HOME, share: 'project', cwd: '/' },
    client: { ...AT_HOME, share: 'client' },
    all: { ...AT_HOME, share: 'all' },
  },
}

/** The process in which such a server was listed: it is for whoever says nothing of themselves. */
const LISTED = 1

type Server = keyof typeof CONFIGURATION.mcpServers

let worker: OwnWorker
let one: string
let two: string
beforeAll(async () => {
  worker = await OwnWorker.start(CONFIGURATION)
  const home = await realpath(worker.home.path)
  ;[one, two] = [join(home, 'one'), join(home, 'two')]
  await Promise.all([mkdir(one), mkdir(two)])
})
afterAll(() => worker[Symbol.asyncDispose]())

/** An SDK client of `pilot connect`, started in a folder that is its only root. */
async function connect(server: Server, folder: string, variables: Record<string, string> = {}) {
  const { env, ...command } = worker.connect(server)
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { roots: {} } })
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: `file://${folder}` }] }))
  await client.connect(new StdioClientTransport({ ...command, cwd: folder, env: { ...env, ...variables } }))
  const ask = async (name: string) => (await client.callTool({ name })).structuredContent
  return {
    where: () => ask('where') as Promise<{ run: string; folder: string }>,
    roots: () => ask('roots'),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

async function rowOf(server: Server) {
  return (await worker.status()).servers.find(({ name }) => name === server)
}

describe('a server with a process for each project', () => {
  it('runs once in each folder that pilot connect is started in, whoever asks from there', async () => {
    await using first = await connect('project', one)
    await using second = await connect('project', two)
    await using third = await connect('project', one)
    const places = await Promise.all([first.where(), second.where(), third.where()])
    expect(places.map(({ folder }) => folder)).toEqual([one, two, one])
    expect(places[2]).toEqual(places[0])
    expect(places[1]?.run).not.toBe(places[0]?.run)
    await expect.poll(() => rowOf('project')).toMatchObject({ state: 'ready', instances: 2 + LISTED, clients: 3 })
  })

  it('knows a folder by whatever way one comes to it', async () => {
    const link = join(one, '../link')
    await symlink(one, link)
    await using first = await connect('project', one)
    await using second = await connect('project', link)
    expect(await second.where()).toEqual(await first.where())
  })

  it('is told the roots of its own project', async () => {
    await using first = await connect('project', one)
    await using second = await connect('project', two)
    expect(await Promise.all([first.roots(), second.roots()])).toEqual([
      { roots: [{ uri: `file://${one}` }] },
      { roots: [{ uri: `file://${two}` }] },
    ])
  })

  it('runs where its entry says, for each project all the same', async () => {
    await using first = await connect('placed', one)
    await using second = await connect('placed', two)
    const [a, b] = await Promise.all([first.where(), second.where()])
    expect([a.folder, b.folder]).toEqual(['/', '/'])
    expect(a.run).not.toBe(b.run)
  })

  it('serves clients that say nothing of themselves from one more process', async () => {
    using raw = new LineClient(worker.socketOf('project'))
    await raw.hello()
    const { result } = await raw.call('where')
    expect(result?.structuredContent).toEqual({ run: expect.any(String), folder: process.cwd() })
  })

  it('says which folder is gone where it cannot start', async () => {
    const gone = join(one, 'gone')
    await mkdir(gone)
    await using client = await connect('all', gone)
    await client.where()
    using raw = new LineClient(worker.socketOf('project'))
    raw.write(`${JSON.stringify({ pilotlight: { project: gone } })}\n`)
    await rm(gone, { recursive: true })
    await raw.hello()
    expect(await raw.call('where')).toMatchObject({
      error: { message: expect.stringContaining(`there is no folder "${gone}"`) },
    })
  })
})

describe('a server that all share', () => {
  it('has one process whatever folder its clients are in', async () => {
    await using first = await connect('all', one)
    await using second = await connect('all', two)
    expect(await second.where()).toEqual(await first.where())
    await expect.poll(() => rowOf('all')).toMatchObject({ instances: 1, clients: 2 })
  })
})

describe('a server with a process for each client', () => {
  it('has one for each pilot connect, and ends it with that', async () => {
    await using first = await connect('client', one)
    {
      await using second = await connect('client', one)
      expect((await second.where()).run).not.toBe((await first.where()).run)
      await expect.poll(() => rowOf('client')).toMatchObject({ instances: 2 + LISTED, clients: 2 })
    }
    await expect.poll(() => rowOf('client')).toMatchObject({ instances: 1 + LISTED, clients: 1 })
  })

  it('keeps the process of a client that says who it is until it comes back', async () => {
    const editor = { PILOTLIGHT_CLIENT: 'editor' }
    const ofEditor = async () => {
      await using client = await connect('client', one, editor)
      return (await client.where()).run
    }
    await using other = await connect('client', one, { PILOTLIGHT_CLIENT: 'other' })
    const [first, again] = [await ofEditor(), await ofEditor()]
    expect(again).toBe(first)
    expect((await other.where()).run).not.toBe(first)
  })
})
