import { copyFile, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadServerConfiguration } from '../../worker-service/config/server-configuration.ts'
import { createConnector } from '../../worker-service/server-pool/connectors/open-connection.ts'
import { ListingPool } from '../../worker-service/tool-catalog/listing-pool.ts'
import { SpawnedGroups } from '../support/spawned-groups.ts'

const ROOT = join(import.meta.dirname, '../..')
const EXAMPLE = join(ROOT, 'examples/mcp.json')
const NEVER = new AbortController().signal
const EXPECTED = [
  ['everything', 17],
  ['filesystem', 14],
  ['memory', 9],
  ['sequential-thinking', 1],
]

async function toolCounts(path: string, variables: Record<string, string>) {
  const groups = new SpawnedGroups()
  const { servers, unusable } = await loadServerConfiguration({ path, variablesPath: '/nowhere/env', variables })
  expect(unusable).toEqual([])
  const listing = new ListingPool(servers, createConnector({ variables: process.env, spawn: groups.spawn }))
  const counts = await Promise.all(
    servers.map(async (server) => [server.name, (await listing.listServer(server, NEVER)).tools.length]),
  )
  await listing[Symbol.asyncDispose]()
  await expect.poll(() => groups.left()).toEqual([])
  return counts
}

describe('examples/mcp.json', () => {
  it('works where it lies, with nothing set', async () => {
    expect(await toolCounts(EXAMPLE, {})).toEqual(EXPECTED)
  })

  it('works elsewhere when it is told where the servers are, as in an image', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'example-'))
    const path = join(folder.path, 'mcp.json')
    await copyFile(EXAMPLE, path)
    const variables = { PILOTLIGHT_EXAMPLES: join(ROOT, 'node_modules'), PILOTLIGHT_EXAMPLE_FOLDER: folder.path }
    expect(await toolCounts(path, variables)).toEqual(EXPECTED)
  })
})
