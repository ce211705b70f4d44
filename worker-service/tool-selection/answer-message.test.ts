import { describe, expect, it } from 'vitest'
import { describeFound, describeNothingFound, type NothingFound } from './answer-message.ts'

const NOTHING: NothingFound = {
  query: 'weather',
  minScore: 50,
  nearest: undefined,
  nearestServers: [],
  servers: ['files'],
  toolCount: 1,
  skipped: new Map(),
  complete: true,
}

const X = { tool_id: 's/x', name: 'x' }
const Y = { tool_id: 's/y', name: 'y' }

describe('describeFound', () => {
  it.each([
    [{ kind: 'agent', id: 'a' }, 'Attached 2 tools: x, y'],
    [{ kind: 'session', id: 's' }, 'Attached 2 tools: x, y'],
    [{ kind: 'nobody' }, 'Found 2 tools: x, y'],
  ] as const)('speaks to %j', (caller, message) => {
    expect(describeFound([X, Y], caller)).toBe(message)
  })

  it('counts one tool as one', () => {
    expect(describeFound([X], { kind: 'agent', id: 'a' })).toBe('Attached 1 tool: x')
  })
})

describe('describeNothingFound', () => {
  it('names the nearest tool, its score and the nearest servers', () => {
    const nearest = { id: 'files/read', score: 34.2 }
    expect(describeNothingFound({ ...NOTHING, nearest, nearestServers: ['files'] })).toBe(
      'No tool matches "weather". The nearest is files/read, whose score of 34.2 is below min_score 50. Nearest server: files.',
    )
  })

  it('names five servers and counts the others', () => {
    const servers = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    expect(describeNothingFound({ ...NOTHING, servers, toolCount: 70 })).toBe(
      'No tool matches "weather". Searched 70 tools of a, b, c, d, e and 2 more.',
    )
  })

  it('shortens a long query to one line', () => {
    const message = describeNothingFound({ ...NOTHING, query: `two\nlines ${'x'.repeat(1_000)}` })
    expect(message).toMatch(/^No tool matches "two lines x+…"\. /)
    expect(message.length).toBeLessThan(150)
  })
})
