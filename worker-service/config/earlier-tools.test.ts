import { describe, expect, it } from 'vitest'
import { readServerDefinitions } from './server-definitions.ts'

function read(document: unknown) {
  return readServerDefinitions(document, { folder: '/', variables: {}, variablesPath: '/env' })
}

const ONE = [{ name: 'one', command: 'a', args: ['b'] }]

describe('a configuration as earlier tools have it', () => {
  it.each([
    { service: { proxies: { one: { command: 'a', args: ['b'] } } } },
    { service: { proxies: [{ name: 'one', command: 'a', args: ['b'] }] } },
    { pool: { apps: { one: { command: 'a', args: ['b'] } } } },
    { servers: [{ name: 'one', command: 'a', args: ['b'] }] },
  ])('has its servers in %j', (document) => {
    expect(read(document)).toMatchObject({ kind: 'servers', servers: ONE, warnings: [] })
  })

  it('says in one place what a server is and in another how it is kept', () => {
    const mcpServers = { one: { command: 'a', args: ['b'], idle_timeout: 60 }, two: { command: 'c' } }
    const proxies = { one: { autoStart: true, idle_timeout: 5 }, three: { command: 'd' } }
    const pool = { idle_timeout: 30, apps: ['two', { name: 'one', max_clients: 9 }] }
    expect(read({ pool, service: { proxies }, mcpServers })).toMatchObject({
      servers: [
        { name: 'one', command: 'a', autoStart: true, keepAliveMs: 60_000, maxClients: 9 },
        { name: 'two', command: 'c', keepAliveMs: 30_000 },
        { name: 'three', command: 'd' },
      ],
      warnings: [],
    })
  })

  it('names a server that is described nowhere', () => {
    expect(read({ pool: { apps: ['one'] } })).toMatchObject({
      unusable: [
        {
          name: 'one',
          remarks: [
            {
              path: ['pool', 'apps', 0],
              text: 'server "one": it has neither "command" nor "url"; add the one that reaches the server',
            },
          ],
        },
      ],
    })
  })

  it('has commands use servers of their own where its pool is not enabled', () => {
    expect(read({ pool: { enabled: false } })).toMatchObject({ service: { isDirect: true } })
    expect(read({ pool: { enabled: true } })).toMatchObject({ service: { isDirect: false } })
    expect(read({})).toMatchObject({ service: { isDirect: false } })
  })

  it('may say the opposite of disabled, and transport for type', () => {
    const mcpServers = {
      off: { enabled: false, command: 3 },
      on: { enabled: true, command: 'a' },
      far: { transport: 'sse', url: 'https://example.org/sse' },
    }
    expect(read({ pool: { disabled: true }, mcpServers })).toMatchObject({
      disabled: ['off', 'far'],
      servers: [{ name: 'on' }],
    })
    expect(read({ mcpServers })).toMatchObject({ servers: [{ name: 'on' }, { name: 'far', transport: 'sse' }] })
  })
})
