import { describe, expect, it } from 'vitest'
import { isLogLevel, LOG_LEVELS, mostVerbose, reaches } from './log-levels.ts'

describe('log levels', () => {
  it('are the eight of MCP, the most verbose first', () => {
    expect(LOG_LEVELS.join(' ')).toBe('debug info notice warning error critical alert emergency')
    expect(LOG_LEVELS.every(isLogLevel)).toBe(true)
    expect(['trace', 'DEBUG', '', undefined, 1].some(isLogLevel)).toBe(false)
  })

  it('have a most verbose one', () => {
    expect(mostVerbose(['error', 'notice', 'alert'])).toBe('notice')
    expect(mostVerbose([])).toBeUndefined()
  })

  it.each([
    ['debug', 'info', false],
    ['info', 'info', true],
    ['notice', 'info', true],
    ['emergency', 'debug', true],
    ['alert', 'emergency', false],
    ['trace', 'emergency', true],
    [undefined, 'emergency', true],
  ] as const)('let a message of level %s through to who asked for %s: %s', (level, threshold, expected) => {
    expect(reaches(level, threshold)).toBe(expected)
  })
})
