import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SERVER_SETTINGS, type ServerDefinition } from '../server-pool/server-definition.ts'
import { readServerDefinitions, remarksOf } from './server-definitions.ts'

const SURROUNDINGS = {
  folder: '/home/me/.config/pilotlight',
  variables: { TOKEN: 's3cret', HOST: 'example.org' },
  variablesPath: '/home/me/.config/pilotlight/env',
}

function parse(document: unknown) {
  return readServerDefinitions(document, SURROUNDINGS)
}

function serversOf(document: unknown): ServerDefinition[] {
  const parsed = parse(document)
  if (parsed.kind === 'mistakes') throw new Error(textsOf(parsed.mistakes).join('\n'))
  expect(parsed.unusable).toEqual([])
  return parsed.servers
}

function only(entry: unknown): ServerDefinition | undefined {
  return serversOf({ mcpServers: { only: entry } })[0]
}

function mistakesOf(document: unknown): string[] {
  const parsed = parse(document)
  return textsOf(parsed.kind === 'mistakes' ? parsed.mistakes : remarksOf(parsed.unusable).mistakes)
}

function warningsOf(document: unknown): string[] {
  return textsOf(parse(document).warnings)
}

function textsOf(remarks: ReadonlyArray<{ text: string }>): string[] {
  return remarks.map(({ text }) => text)
}

describe('parseServerDefinitions', () => {
  it('completes a command with every default', () => {
    const program = { name: 'only', transport: 'stdio', command: 'npx', args: [], env: {}, cwd: undefined }
    expect(only({ command: 'npx' })).toEqual({ ...DEFAULT_SERVER_SETTINGS, ...program })
  })

  it.each([
    [undefined, 'http'],
    ['http', 'http'],
    ['streamable-http', 'http'],
    ['streamableHttp', 'http'],
    ['sse', 'sse'],
  ])('reads a url of type %s as %s', (type, transport) => {
    const url = 'https://example.org/mcp'
    expect(only({ type, url, headers: { 'X-Team': 7 } })).toMatchObject({ transport, url, headers: { 'X-Team': '7' } })
  })

  it.each(['mcpServers', 'mcp_servers', 'servers'])('finds the servers under "%s", in the order written', (key) => {
    const servers = serversOf({ [key]: { b: { command: 'b' }, a: { command: 'a' } } })
    expect(servers.map(({ name }) => name)).toEqual(['b', 'a'])
  })

  it.each([{}, { mcpServers: {} }, { mcpServers: null }])('finds no servers in %j', (document) => {
    expect(serversOf(document)).toEqual([])
  })

  it('expands variables in command, args, env, url and headers, and nowhere else', () => {
    const command = { command: '/opt/${HOST}', args: ['--token=${TOKEN}'], env: { T: '${TOKEN}' }, cwd: '/${HOST}' }
    const remote = { url: 'https://${HOST}/mcp', headers: { Authorization: 'Bearer ${TOKEN}' } }
    expect(serversOf({ mcpServers: { command, remote } })).toMatchObject([
      { command: '/opt/example.org', args: ['--token=s3cret'], env: { T: 's3cret' }, cwd: '/${HOST}' },
      { url: 'https://example.org/mcp', headers: { Authorization: 'Bearer s3cret' } },
    ])
  })

  it.each([
    ['..', '/home/me/.config'],
    ['work', '/home/me/.config/pilotlight/work'],
    ['/srv', '/srv'],
    ['~', homedir()],
    ['~/work', join(homedir(), 'work')],
  ])('takes the folder %s from the folder of the file', (cwd, expected) => {
    expect(only({ command: 'a', cwd })).toMatchObject({ cwd: expected })
  })

  it('reads keys in snake_case as well, and lets camelCase win', () => {
    const entry = { command: 'a', start_timeout_ms: 5, max_message_bytes: 2_048, maxMessageBytes: 4_096 }
    expect(only({ ...entry, include_tools: ['read_*'] })).toMatchObject({
      startTimeoutMs: 5,
      maxMessageBytes: 4_096,
      includeTools: ['read_*'],
    })
  })

  it('reads how a server lives, in either spelling', () => {
    const camel = {
      autoStart: true,
      keepAliveMinutes: 2,
      maxClients: 9,
      share: 'project',
      callTimeoutMs: 5_000,
      heartbeatSeconds: 1.5,
      maxMemoryMb: 512,
      onToolChange: 'block',
      restart: { maxCrashes: 2 },
    }
    const snake = {
      auto_start: true,
      idle_timeout: 120,
      max_clients: 9,
      share: 'project',
      call_timeout_ms: 5_000,
      heartbeat_seconds: 1.5,
      max_memory_mb: 512,
      on_tool_change: 'block',
      restart: { max_crashes: 2 },
    }
    expect(only({ command: 'a', ...snake })).toEqual(only({ command: 'a', ...camel }))
    expect(only({ command: 'a', ...camel })).toMatchObject({
      keepAliveMs: 120_000,
      heartbeatMs: 1_500,
      share: 'project',
      restart: { maxCrashes: 2, minDelayMs: 100 },
    })
  })

  it.each([
    [{ keepAliveMinutes: 3 }, { idle_timeout: 30 }, 30_000],
    [{ idle_timeout: 30 }, { keepAliveMinutes: 3 }, 180_000],
    [{ idle_timeout: 30 }, {}, 30_000],
    [{}, { idle_timeout: 30, keepAliveMinutes: 3 }, 180_000],
    [{}, { keepAliveMinutes: 0 }, 0],
  ])('keeps a server alive as pool %j and entry %j say', (pool, entry, keepAliveMs) => {
    expect(serversOf({ pool, mcpServers: { one: { command: 'a', ...entry } } })).toMatchObject([{ keepAliveMs }])
  })

  it('completes the restart settings of an entry from those of the pool', () => {
    const pool = { restart: { maxCrashes: 9, max_delay_ms: 500 } }
    const mcpServers = { one: { command: 'a', restart: { maxCrashes: 2 } } }
    expect(serversOf({ pool, mcpServers })).toMatchObject([{ restart: { maxCrashes: 2, maxDelayMs: 500 } }])
  })

  it.each([
    [{}, 10],
    [{ pool: { maxSize: 3 } }, 3],
    [{ pool: { max_size: 4 } }, 4],
  ])('finds in %j how many servers may live at once', (document, maxSize) => {
    expect(parse(document)).toMatchObject({ limits: { maxSize } })
  })

  it('names the servers that are switched off', () => {
    const mcpServers = { off: { disabled: true, url: 3 }, on: { command: 'a' } }
    expect(parse({ mcpServers })).toMatchObject({ disabled: ['off'] })
  })

  it('does not touch the names of variables and headers', () => {
    expect(only({ command: 'a', env: { my_token: 'x', MY_TOKEN: 'y' } })).toMatchObject({
      env: { my_token: 'x', MY_TOKEN: 'y' },
    })
  })

  it('takes defaults from the pool section, which each entry can override', () => {
    const pool = { start_timeout_ms: 7, excludeTools: ['delete_*'], maxSize: 3 }
    const mcpServers = { one: { command: 'a' }, two: { command: 'b', startTimeoutMs: 9, excludeTools: [] } }
    expect(serversOf({ pool, mcpServers })).toMatchObject([
      { startTimeoutMs: 7, excludeTools: ['delete_*'] },
      { startTimeoutMs: 9, excludeTools: [] },
    ])
  })

  it('leaves disabled servers out, half-written ones included', () => {
    const mcpServers = { off: { disabled: true, url: 3 }, on: { command: 'a' } }
    expect(serversOf({ mcpServers }).map(({ name }) => name)).toEqual(['on'])
    const pool = { disabled: true }
    const overridden = { off: { command: 'a' }, on: { command: 'a', disabled: false } }
    expect(serversOf({ pool, mcpServers: overridden }).map(({ name }) => name)).toEqual(['on'])
  })

  it('never refuses a key it does not know, nor null for one it does', () => {
    const entry = { command: 'a', alwaysAllow: ['x'], arg: [], cwd: null, url: null }
    const document = { inputs: [], mcpServers: { one: entry }, pool: { max_siz: 3 } }
    expect(serversOf(document)).toMatchObject([{ name: 'one' }])
    expect(warningsOf(document)).toEqual([
      '"inputs" is a key of other programs and is passed over',
      '"pool.max_siz" is not known and is passed over; did you mean "maxSize"?',
      'server "one": "alwaysAllow" is a key of other programs and is passed over',
      'server "one": "arg" is not known and is passed over; did you mean "args"?',
    ])
  })

  it('makes a missing variable the trouble of its server alone, and says where to set it', () => {
    const mcpServers = { one: { command: 'a', env: { K: '${KEY}', O: '${OTHER}' } }, two: { command: 'b' } }
    expect(parse({ mcpServers })).toMatchObject({
      kind: 'servers',
      servers: [{ name: 'two' }],
      unusable: [
        {
          name: 'one',
          reason:
            'KEY, OTHER not set; put a line KEY=… into /home/me/.config/pilotlight/env or set it in the environment',
        },
      ],
    })
  })

  it.each(['ftp://${HOST}', 'not a url', 'javascript:alert(1)'])('finds %s unusable without quoting it', (url) => {
    const reason = 'its url is not an http:// or https:// URL'
    expect(parse({ mcpServers: { one: { url } } })).toMatchObject({ unusable: [{ name: 'one', reason }] })
  })

  it('finds a command that expands to nothing unusable', () => {
    const reason = 'its command is empty'
    expect(parse({ mcpServers: { one: { command: '${NO:-}' } } })).toMatchObject({ unusable: [{ reason }] })
  })
})

describe('the login of a remote server', () => {
  const url = 'https://example.org/mcp'
  const login = (oauth: object) => ({ mcpServers: { far: { url, oauth } } })

  it('is read in either spelling, its variables expanded', () => {
    const oauth = {
      client_id: 'me-${HOST}',
      client_secret: '${TOKEN}',
      issuer: 'https://${HOST}',
      client_metadata_url: 'https://${HOST}/client.json',
      scopes: ['read', 'write'],
      grant: 'client_credentials',
    }
    expect(serversOf(login(oauth))).toMatchObject([
      {
        url,
        oauth: {
          clientId: 'me-example.org',
          clientSecret: 's3cret',
          issuer: 'https://example.org',
          clientMetadataUrl: 'https://example.org/client.json',
          scope: 'read write',
          grant: 'client_credentials',
        },
      },
    ])
  })

  it('is nobody’s where the entry has none', () => {
    expect(only({ url })).not.toHaveProperty('oauth')
  })

  it('takes a private key for a secret', () => {
    const privateKey = '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----'
    const oauth = { grant: 'client_credentials', clientId: 'me', privateKey, algorithm: 'RS256' }
    expect(serversOf(login(oauth))).toMatchObject([{ oauth }])
  })

  it.each([
    [{ clientSecret: 'x' }, 'its "oauth" has a "clientSecret" but no "clientId"; add the one it belongs to'],
    [{ privateKey: 'x' }, 'its "oauth" has a "privateKey" but no "clientId"; add the one it belongs to'],
    [
      { clientId: 'me', clientSecret: 'x', privateKey: 'x' },
      'its "oauth" has both "clientSecret" and "privateKey"; keep one of them',
    ],
    [
      { clientId: 'me', privateKey: 'x' },
      'its "oauth" has a "privateKey" that nobody asks for; add "grant": "client_credentials"',
    ],
    [
      { clientId: 'me', grant: 'client_credentials' },
      'its "oauth" has no "clientSecret" or "privateKey" to log in with; add one of them',
    ],
    [{ grant: 'password' }, '"oauth.grant" must be one of authorization_code, client_credentials'],
    [{ client_id: '' }, '"oauth.client_id" must be a text that is not empty'],
  ])('is a mistake as %j', (oauth, mistake) => {
    expect(mistakesOf(login(oauth))).toEqual([`server "far": ${mistake}`])
  })

  it('is a mistake where there is no server to log in to', () => {
    expect(mistakesOf({ mcpServers: { near: { command: 'a', oauth: {} } } })).toEqual([
      'server "near": its "oauth" is for servers with a "url"; remove it',
    ])
  })

  it.each([
    [{ issuer: '${TOKEN}' }, 'the issuer in its "oauth" is not an http:// or https:// URL'],
    [{ clientMetadataUrl: 'http://${HOST}/' }, 'the clientMetadataUrl in its "oauth" is not an https:// URL'],
    [
      { clientId: 'me', privateKey: '${TOKEN}', grant: 'client_credentials' },
      'the privateKey in its "oauth" is not a PKCS #8 key as PEM, which begins with "-----BEGIN PRIVATE KEY-----"',
    ],
    [
      { clientId: 'me', clientSecret: '${ABSENT}' },
      'ABSENT not set; put a line ABSENT=… into /home/me/.config/pilotlight/env or set it in the environment',
    ],
  ])('makes its server alone unusable as %j, without quoting it', (oauth, reason) => {
    expect(parse(login(oauth))).toMatchObject({ kind: 'servers', unusable: [{ name: 'far', reason }] })
  })

  it('names the key that was meant', () => {
    expect(warningsOf(login({ clientID: 'me' }))).toEqual([
      'server "far": "oauth.clientID" is not known and is passed over; did you mean "clientId"?',
    ])
  })
})

describe('a configuration with mistakes', () => {
  it('is told all of them, each with the server and the remedy', () => {
    const mcpServers = {
      'a/b': { command: 'a' },
      '.': { command: 'a' },
      '..': { command: 'a' },
      'a.b': { command: 'a' },
      '...': { command: 'a' },
      both: { command: 'a', url: 'https://example.org' },
      neither: { args: [] },
      confused: { type: 'stdio', url: 'https://example.org' },
      torn: { type: 'sse', command: 'a' },
      wrong: { command: 1, args: ['x', 2], startTimeoutMs: 0, share: 'some' },
      flat: 'npx',
    }
    expect(mistakesOf({ mcpServers, pool: { maxMemoryMb: 'much' } })).toEqual([
      '"pool.maxMemoryMb" must be a number from 1',
      'server "a/b": a name has 1 to 40 letters, digits, "_", "-" or "."; rename it',
      'server ".": in a path that means a folder, so no server can have it for a name; rename it',
      'server "..": in a path that means a folder, so no server can have it for a name; rename it',
      'server "both": it has both "command" and "url"; keep one of them',
      'server "neither": it has neither "command" nor "url"; add the one that reaches the server',
      'server "confused": its type is "stdio" but it has a "url"; use type "http"',
      'server "torn": its type is "sse" but it has a "command"; remove the type, or give a "url" instead',
      'server "wrong": "command" must be a text that is not empty',
      'server "wrong": "args.1" must be a text; put it in quotes',
      'server "wrong": "startTimeoutMs" must be a whole number from 1 to 3600000',
      'server "wrong": "share" must be one of auto, all, client, project',
      'server "flat": it must be an object',
    ])
  })

  it.each(['', 'x'.repeat(41), 'a b', ' a', '../etc', 'größe', 'a\u202eb'])('serves no %j, and the others', (name) => {
    expect(parse({ mcpServers: { [name]: { command: 'a' }, other: { command: 'b' } } })).toMatchObject({
      servers: [{ name: 'other' }],
      unusable: [{ name, reason: expect.stringContaining('rename it'), lacksVariables: false }],
    })
  })

  it.each(['a', 'x'.repeat(40), 'my-server_1.0', 'constructor'])('accepts the server name %s', (name) => {
    expect(serversOf({ mcpServers: { [name]: { command: 'a' } } })).toMatchObject([{ name }])
  })

  it.each([
    [[], 'it must be an object: {"mcpServers": {…}}'],
    [null, 'it must be an object: {"mcpServers": {…}}'],
    [{ mcpServers: 'npx' }, '"mcpServers" must be an object of servers by their names'],
  ])('is told what is wrong with %j', (document, mistake) => {
    expect(mistakesOf(document)).toEqual([mistake])
  })

  it('never throws, whatever the keys', () => {
    for (const text of ['{"mcpServers":{"__proto__":{"command":"a"}}}', '{"__proto__":1}', '{"mcpServers":[[]]}']) {
      expect(['servers', 'mistakes']).toContain(parse(JSON.parse(text)).kind)
    }
  })
})
