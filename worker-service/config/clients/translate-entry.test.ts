import { describe, expect, it } from 'vitest'
import { isPilotlight } from './is-pilotlight.ts'
import { translateEntry } from './translate-entry.ts'

describe('the entry of a client', () => {
  it.each([
    ['Claude Desktop', { command: 'npx', args: ['-y', 'a'], env: {} }, { command: 'npx', args: ['-y', 'a'] }],
    [
      'Claude Code',
      { type: 'http', url: 'https://a.b/mcp', headers: { X: '${KEY:-none}' } },
      { url: 'https://a.b/mcp', headers: { X: '${KEY:-none}' } },
    ],
    ['Claude Code', { type: 'sse', url: 'https://a.b/sse' }, { type: 'sse', url: 'https://a.b/sse' }],
    [
      'Cursor',
      { command: '${userHome}/x', env: { A: '${env:B}' }, cwd: '/srv' },
      { command: '/home/me/x', env: { A: '${B}' }, cwd: '/srv' },
    ],
    [
      'Codex',
      {
        command: 'a',
        env: { B: 'c' },
        env_vars: ['D'],
        enabled: false,
        startup_timeout_sec: 20,
        tool_timeout_sec: 1.5,
        enabled_tools: ['e'],
        disabled_tools: ['f'],
      },
      {
        command: 'a',
        env: { B: 'c', D: '${D:-}' },
        disabled: true,
        startTimeoutMs: 20_000,
        callTimeoutMs: 1_500,
        includeTools: ['e'],
        excludeTools: ['f'],
      },
    ],
    [
      'Codex',
      { url: 'https://a.b', bearer_token_env_var: 'T', http_headers: { X: 'y' }, env_http_headers: { Z: 'V' } },
      { url: 'https://a.b', headers: { X: 'y', Z: '${V}', Authorization: 'Bearer ${T}' } },
    ],
    [
      'Windsurf',
      { serverUrl: 'https://a.b', disabledTools: ['x'], alwaysAllow: ['y'] },
      { url: 'https://a.b', excludeTools: ['x'] },
    ],
    ['Zed', { source: 'custom', command: 'a', enabled: true, settings: {} }, { command: 'a' }],
    [
      'an older Zed',
      { command: { path: 'a', args: ['b'], env: { C: 'd' } } },
      { command: 'a', args: ['b'], env: { C: 'd' } },
    ],
  ])('of %s is ours: %j', (_, value, entry) => {
    expect(translateEntry(value, { home: '/home/me' })).toEqual({ kind: 'entry', entry, notes: [] })
  })

  it('of VS Code says which variables it asks somebody for, and which file is not read', () => {
    const value = { type: 'stdio', command: 'a', env: { K: '${input:api-key}' }, envFile: '/srv/.env' }
    expect(translateEntry(value, { home: '/home/me' })).toEqual({
      kind: 'entry',
      entry: { command: 'a', env: { K: '${API_KEY}' } },
      notes: [
        'asks for api-key: put a line API_KEY=… into the file of variables',
        'has variables in /srv/.env, which is not read; put them into its env',
      ],
    })
  })

  it.each([
    [{ command: 'a', args: ['${workspaceFolder}/b'] }, /folder of one project/],
    [{ settings: { key: 's3cret' } }, /neither a command nor a URL/],
    ['npx', /not an object/],
    [null, /not an object/],
  ])('is not to be had as %j', (value, reason) => {
    expect(translateEntry(value, { home: '/home/me' })).toEqual({
      kind: 'unfit',
      reason: expect.stringMatching(reason),
    })
  })
})

describe('Pilotlight itself', () => {
  it.each([
    { command: 'pilot', args: ['mcp'] },
    { command: '/usr/local/bin/pilot', args: ['connect', 'github'] },
    { command: 'npx', args: ['-y', 'pilotlight@1.2.3', 'mcp'] },
    { command: '/usr/bin/node', args: ['/opt/pilotlight/dist/pilot.cjs', 'mcp'] },
    { url: 'http://localhost:3021/mcp' },
    { url: 'http://127.0.0.1:3021/mcp/github' },
  ])('is known as %j', (entry) => {
    expect(isPilotlight(entry, 3021)).toBe(true)
  })

  it.each([
    { command: 'npx', args: ['-y', 'server', '/home/me/pilotlight'] },
    { command: 'autopilot', args: ['mcp'] },
    { url: 'http://localhost:8080/mcp' },
    { url: 'https://example.org:3021/mcp' },
  ])('is not %j', (entry) => {
    expect(isPilotlight(entry, 3021)).toBe(false)
  })
})
