import { describe, expect, it } from 'vitest'
import { nearestName, nearestNames } from './nearest-name.ts'

const KNOWN = ['command', 'args', 'env', 'headers', 'keepAliveMinutes', 'maxClients', 'clientId', 'oauth']

describe('nearestName', () => {
  it.each([
    ['comand', 'command'],
    ['commadn', 'command'],
    ['nev', 'env'],
    ['agrs', 'args'],
    ['header', 'headers'],
    ['clientID', 'clientId'],
    ['CLIENT_ID', 'clientId'],
    ['max-client', 'maxClients'],
    ['KeepAliveMinute', 'keepAliveMinutes'],
    ['arg', 'args'],
    ['0auth', 'oauth'],
  ])('takes %s for %s', (name, meant) => {
    expect(nearestName(name, KNOWN)).toBe(meant)
  })

  it.each(['', 'x', 'en', 'autoApprove', 'description', 'timeout', 'x'.repeat(100_000)])(
    'guesses nothing of %.20s',
    (name) => {
      expect(nearestName(name, KNOWN)).toBeUndefined()
    },
  )

  it('prefers the nearer of two', () => {
    expect(nearestName('maxSize', ['minSize', 'maxSizes'])).toBe('maxSizes')
  })
})

describe('nearestNames', () => {
  const TOOLS = ['read_file', 'read_text_file', 'write_file', 'list_directory', 'read_media_file', 'readiness']

  it.each([
    ['readfile', ['read_file']],
    ['READ-FLIE', ['read_file']],
    ['read', ['read_file', 'readiness', 'read_text_file']],
    ['list_dir', ['list_directory']],
    ['mcp__files__write_file', ['write_file']],
    ['', []],
    ['re', []],
    ['photograph', []],
  ])('takes %s for %j', (name, meant) => {
    expect(nearestNames(name, TOOLS)).toEqual(meant)
  })
})
