import { describe, expect, it } from 'vitest'
import { FakePool } from '../../test/support/fake-pool.ts'
import { settle } from '../../test/support/manual-clock.ts'
import { TestClient } from '../../test/support/pool-client.ts'

function join(fake: FakePool, server: string, who = {}) {
  return new TestClient(fake.pool, server, who)
}

describe('sharing', () => {
  it.each([
    ['all', 1],
    ['auto', 1],
    ['client', 3],
    ['project', 2],
  ] as const)('%s has %i processes for three clients in two folders', async (share, processes) => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', share })
    const clients = ['/a', '/a', '/b'].map((project) => join(fake, 'one', { project }))
    await Promise.all(clients.map((client) => client.call()))
    expect(fake.servers.running).toHaveLength(processes)
    expect(fake.pool.row('one')).toMatchObject({ instances: processes, clients: 3 })
  })

  it('by project runs each process in its folder, unless it is given another', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', share: 'project' }, { name: 'two', share: 'project', cwd: '/fixed' })
    await Promise.all([join(fake, 'one', { project: '/a' }).call(), join(fake, 'two', { project: '/a' }).call()])
    expect(fake.servers.opened.map(({ definition }) => definition)).toMatchObject([{ cwd: '/a' }, { cwd: '/fixed' }])
  })

  it('automatically gives each client its own of a server known to hold client state', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', args: ['-y', '@playwright/mcp@latest'] })
    await Promise.all([join(fake, 'one').call(), join(fake, 'one').call()])
    expect(fake.servers.running).toHaveLength(2)
  })

  it('automatically gives each client its own of a server that was once seen to hold client state', async () => {
    await using fake = new FakePool()
    fake.holders.set('one', 'client')
    await fake.configure('one', 'two')
    await Promise.all(['one', 'one', 'two', 'two'].map((server) => join(fake, server).call()))
    expect([fake.pool.row('one').instances, fake.pool.row('two').instances]).toEqual([2, 1])
  })

  it('lets clients of such a server take turns where they share its process all the same', async () => {
    await using fake = new FakePool()
    fake.holders.set('one', 'client')
    fake.servers.behaviour.calls = 'hold'
    await fake.configure({ name: 'one', share: 'all' })
    const answers = [join(fake, 'one').call(), join(fake, 'one').call()]
    await settle()
    for (let turn = 1; turn <= 2; turn++) {
      expect(fake.servers.last.calls).toHaveLength(turn)
      fake.servers.last.answer()
    }
    await Promise.all(answers)
  })

  it("ends a client's own process with its session, and keeps its counts", async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', share: 'client' })
    const client = join(fake, 'one')
    await client.call()
    client.close()
    await settle()
    expect(fake.servers.running).toEqual([])
    expect(fake.pool.row('one')).toMatchObject({ state: 'cold', calls: 1, clients: 0 })
  })

  it('gives a client that comes back its process again while it is warm', async () => {
    await using fake = new FakePool()
    await fake.configure({ name: 'one', share: 'client' })
    for (let time = 0; time < 2; time++) {
      const client = join(fake, 'one', { identity: 'me' })
      await client.call()
      client.close()
    }
    expect(fake.servers.opened).toHaveLength(1)
    await fake.clock.advance(300_000)
    expect(fake.servers.running).toEqual([])
  })
})

describe('a server that asks a client for its roots', () => {
  const ROOTS = { capabilities: { roots: {} } }

  /** A pool with such a server, and a client of a project whose roots it has. */
  async function rooted() {
    const fake = new FakePool()
    await fake.configure('one')
    const client = join(fake, 'one', { ...ROOTS, project: '/a' })
    await client.call()
    fake.servers.last.say({ id: 'r', method: 'roots/list' })
    return { fake, client, [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose]() }
  }

  it('is there for the clients of that project and those of none, and another process for those of another', async () => {
    await using scene = await rooted()
    const { fake, client } = scene
    expect(client.messages.some(({ method }) => method === 'roots/list')).toBe(true)
    for (const project of ['/b', '/a', undefined, '/b']) await join(fake, 'one', project && { project }).call()
    expect(fake.pool.row('one')).toMatchObject({ instances: 2, clients: 5 })
    expect(fake.servers.opened.map(({ calls }) => calls.length)).toEqual([3, 2])
    expect(fake.servers.last.definition).toEqual(fake.servers.opened[0]?.definition)
  })

  it('is there for those of another project when its clients have left', async () => {
    await using scene = await rooted()
    const { fake, client } = scene
    client.close()
    await join(fake, 'one', { ...ROOTS, project: '/b' }).call()
    expect(fake.servers.opened).toHaveLength(1)
    expect(fake.servers.last.messages).toContainEqual({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' })
  })

  it('is known to, from the start of the next pool on', async () => {
    await using scene = await rooted()
    expect([...scene.fake.holders]).toEqual([['one', 'roots']])
    await using fake = new FakePool()
    fake.holders.set('one', 'roots')
    await fake.configure('one')
    for (const project of ['/a', '/b', '/a']) await join(fake, 'one', { project }).call()
    expect(fake.servers.opened.map(({ calls }) => calls.length)).toEqual([2, 1])
  })
})
