import { describe, expect, it } from 'vitest'
import { readServerDefinitions, remarksOf } from './server-definitions.ts'

function parse(document: unknown) {
  return readServerDefinitions(document, { folder: '/', variables: {}, variablesPath: '/env' })
}

describe('a mistake in one entry', () => {
  const ENTRY_MISTAKES: [unknown, string][] = [
    [null, 'it must be an object'],
    ['npx', 'it must be an object'],
    [{}, 'it has neither "command" nor "url"; add the one that reaches the server'],
    [{ command: 'a', args: ['x\0'] }, '"args.0" has a NUL character'],
    [{ command: 'a\0' }, '"command" has a NUL character'],
    [{ command: 'a', cwd: '\0' }, '"cwd" has a NUL character'],
    [{ command: 'a', env: { A: '\0' } }, '"env.A" has a NUL character'],
    [{ command: 'a', env: { '': 'x' } }, '"env." is no name that a variable can have'],
    [{ command: 'a', env: { 'A=B': 'x' } }, '"env.A=B" is no name that a variable can have'],
    [{ command: 'a', env: { 'A\0': 'x' } }, '"env.A\0" is no name that a variable can have'],
    [{ url: 'http://a', headers: { 'X Y': 'x' } }, '"headers.X Y" is no name that a header can have'],
    [{ url: 'http://a', headers: { X: 'a\r\nb' } }, '"headers.X" has a character that no header can have'],
    [{ url: 'http://a', headers: { X: '→' } }, '"headers.X" has a character that no header can have'],
    [
      { url: 'http://a', headers: { Key: '1', key: '2' } },
      '"headers.key" is there in other letters already; remove one',
    ],
  ]

  it.each(ENTRY_MISTAKES)('%j is the trouble of its server alone', (entry, reason) => {
    expect(parse({ mcpServers: { bad: entry, good: { command: 'a' } } })).toMatchObject({
      kind: 'servers',
      servers: [{ name: 'good' }],
      unusable: [{ name: 'bad', reason, lacksVariables: false }],
    })
  })

  it.each([
    ...['much', '5', true, [], {}, -1, 1e300].flatMap((value) =>
      ['maxClients', 'startTimeoutMs', 'callTimeoutMs', 'maxMessageBytes', 'maxResultBytes'].map((key) => [key, value]),
    ),
    ...['much', '5', true, [], {}, -1].flatMap((value) =>
      ['keepAliveMinutes', 'idleTimeout', 'heartbeatSeconds', 'maxMemoryMb'].map((key) => [key, value]),
    ),
    ...['yes', 1, [], {}].flatMap((value) => ['autoStart', 'disabled', 'enabled'].map((key) => [key, value])),
    ...['a', 1, true, {}, [1]].flatMap((value) =>
      ['args', 'includeTools', 'excludeTools', 'pinnedTools'].map((key) => [key, value]),
    ),
    ...['a', 1, true, [], { a: [] }, { a: {} }].flatMap((value) => ['env'].map((key) => [key, value])),
    ...[1, true, [], {}, ''].flatMap((value) =>
      ['command', 'cwd', 'share', 'onToolChange', 'type'].map((key) => [key, value]),
    ),
    ...['a', 1, true, [], { maxCrashes: 0 }, { minDelayMs: 'a' }].map((value) => ['restart', value]),
  ] as [string, unknown][])('in its %s, %j, is named', (key, value) => {
    const read = parse({ mcpServers: { bad: { command: 'a', [key]: value }, good: { command: 'a' } } })
    expect(read).toMatchObject({
      servers: [{ name: 'good' }],
      unusable: [{ name: 'bad', reason: expect.stringMatching(`^"${key}(\\.\\w+)?" must be`) }],
    })
  })

  it('is told of first, and how many more there are', () => {
    const read = parse({ mcpServers: { 'a b': { command: 1, url: 2 } } })
    const reason =
      'a name has 1 to 40 letters, digits, "_", "-" or "."; rename it (and 2 more; see "pilot config check")'
    expect(read).toMatchObject({ unusable: [{ name: 'a b', reason }] })
    expect(read.kind === 'servers' && remarksOf(read.unusable).mistakes).toHaveLength(3)
  })

  it('of a list is told by its number where it has no name', () => {
    expect(parse({ servers: ['a', { command: 'a' }, 3, { name: 'b', command: 'b' }] })).toMatchObject({
      servers: [{ name: 'b' }],
      unusable: [
        { name: 'a', reason: 'it has neither "command" nor "url"; add the one that reaches the server' },
        { name: '#2', reason: 'it must be an object with a "name", or the name alone' },
        { name: '#3', reason: expect.stringContaining('it must be an object with a "name", or the name alone') },
      ],
    })
  })

  it('is none where the server is switched off', () => {
    const mcpServers = { 'a b': { disabled: true }, c: { enabled: false, command: 3 } }
    expect(parse({ mcpServers })).toMatchObject({ disabled: ['a b', 'c'], unusable: [], warnings: [] })
  })
})
