import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { isSameLaunch, resolveSharing } from './sharing.ts'

describe('sharing', () => {
  it.each([
    ['npx', ['-y', '@playwright/mcp@latest'], 'client'],
    ['npx', ['chrome-devtools-mcp'], 'client'],
    ['npx', ['@modelcontextprotocol/server-sequential-thinking'], 'client'],
    ['npx', ['@modelcontextprotocol/server-filesystem', '/tmp'], 'all'],
    ['uvx', ['mcp-server-git'], 'all'],
  ])('of %s %j is found to be for %s', (command, args, sharing) => {
    expect(resolveSharing({ ...fixtureServer('x'), command, args }, undefined)).toBe(sharing)
  })

  it('is for one client, or for those of one project, once a server was seen to hold what belongs to these', () => {
    expect(resolveSharing(fixtureServer('x'), 'client')).toBe('client')
    expect(resolveSharing(fixtureServer('x'), 'roots')).toBe('roots')
    expect(resolveSharing(fixtureServer('x', { args: ['@playwright/mcp'] }), 'roots')).toBe('client')
  })

  it('is as configured, whatever was seen', () => {
    expect(resolveSharing(fixtureServer('x', { share: 'all', args: ['@playwright/mcp'] }), 'client')).toBe('all')
  })
})

describe('isSameLaunch', () => {
  const definition = fixtureServer('x', { env: { A: '1', B: '2' } })

  it.each([{ maxClients: 9 }, { keepAliveMs: 1 }, { share: 'client' as const }, { env: { B: '2', A: '1' } }])(
    'lets a process go on when %j changes',
    (change) => {
      expect(isSameLaunch(definition, { ...definition, ...change })).toBe(true)
    },
  )

  it.each([{ env: { A: 'other', B: '2' } }, { args: ['x'] }, { cwd: '/' }, { maxMessageBytes: 1 }, { command: 'y' }])(
    'does not when %j changes',
    (change) => {
      expect(isSameLaunch(definition, { ...definition, ...change })).toBe(false)
    },
  )

  it('does not when a credential of a remote server changes', () => {
    const { command: _, args: __, env: ___, cwd: ____, ...settings } = definition
    const remote = { ...settings, transport: 'http' as const, url: 'https://example.org', headers: { A: '1' } }
    expect(isSameLaunch(remote, { ...remote, headers: { A: '2' } })).toBe(false)
  })
})
