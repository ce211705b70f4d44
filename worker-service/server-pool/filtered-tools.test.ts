import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { LivePool } from '../../test/support/live-pool.ts'
import { TestClient } from '../../test/support/pool-client.ts'
import { createListServer } from '../tool-catalog/list-server.ts'

const NEVER = new AbortController().signal
const NO_ARGUMENTS = Buffer.from('{}')
const UNKNOWN = 'server "one": there is no tool "write_file".'
const READ_ONLY = fixtureServer('well-behaved', { name: 'one', excludeTools: ['write_*', 'delete_*'] })

async function namesListedBy(client: TestClient): Promise<unknown[]> {
  const names: unknown[] = []
  let cursor: unknown
  do {
    const { result } = await client.request('tools/list', cursor === undefined ? {} : { cursor })
    const { tools, nextCursor } = result as { tools: { name: string }[]; nextCursor?: string }
    names.push(...tools.map(({ name }) => name))
    cursor = nextCursor
  } while (cursor !== undefined)
  return names
}

describe('tools that the configuration leaves out', () => {
  it('are shown to no client, on any page, and to the service that filters for itself', async () => {
    await using live = await LivePool.of([READ_ONLY])
    expect(await namesListedBy(new TestClient(live.pool, 'one'))).toEqual(['read_file'])
    const { tools } = await createListServer(live.pool)(READ_ONLY, NEVER)
    expect(tools.map(({ name }) => name)).toEqual(['read_file', 'write_file', 'delete_file'])
  })

  it('cannot be called', async () => {
    await using live = await LivePool.of([READ_ONLY])
    const client = new TestClient(live.pool, 'one')
    expect(await client.call('write_file')).toMatchObject({
      error: { code: -32602, message: UNKNOWN, data: { server: 'one', delivered: 'no', retryable: false } },
    })
    expect(await client.call('read_file')).toMatchObject({ result: { x: 1 } })
  })

  it('cannot be called without a session, and no server is started for it', async () => {
    await using live = await LivePool.of([READ_ONLY])
    const call = (tool: string) => live.pool.call('one', { tool, arguments: NO_ARGUMENTS }, NEVER)
    await expect(call('write_file')).rejects.toMatchObject({ code: 'unknown_tool', message: UNKNOWN })
    expect(live.groups.started).toBe(0)
    expect(JSON.parse((await call('read_file')).toString())).toMatchObject({ x: 1 })
  })

  it('are there again when the configuration leaves them in, without a restart', async () => {
    await using live = await LivePool.of([READ_ONLY])
    const client = new TestClient(live.pool, 'one')
    expect(await namesListedBy(client)).toEqual(['read_file'])
    await live.configure({ ...READ_ONLY, excludeTools: [] })
    expect(await namesListedBy(client)).toEqual(['read_file', 'write_file', 'delete_file'])
    expect(await client.call('write_file')).toHaveProperty('result')
    expect(live.groups.started).toBe(1)
  })
})
