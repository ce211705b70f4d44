import { describe, expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

const KNOWN = ['command', 'args', 'env', 'headers', 'keepAliveMinutes', 'maxClients', 'clientId', 'oauth']

describe('nearestName', () => {
  it.each([
    ['comand', 'command'],
    ['commadn', 'command'],
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
