import { describe, expect, it } from 'vitest'
import { callsOf, toFrame } from './traffic.ts'

function firstCalls(seed: number, count: number) {
  return callsOf(seed).take(count).toArray()
}

describe('the traffic of a chaos run', () => {
  it('follows from its seed', () => {
    expect(firstCalls(3, 100)).toEqual(firstCalls(3, 100))
    expect(firstCalls(3, 100)).not.toEqual(firstCalls(4, 100))
  })

  it('gives every call an id of its own', () => {
    expect(firstCalls(1, 50).map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  it('is nearly all different, with some said twice', () => {
    const queries = firstCalls(1, 2_000).map(({ query }) => query)
    expect(new Set(queries).size / queries.length).toBeCloseTo(0.95, 1)
    expect(new Set(queries).size).toBeLessThan(queries.length)
  })

  it('is sent as tool calls', () => {
    expect(JSON.parse(toFrame({ id: 7, query: 'read', agentId: 'agent-1' }))).toMatchObject({
      id: 7,
      method: 'tools/call',
      params: { name: 'find_tools', arguments: { query: 'read', agent_id: 'agent-1' } },
    })
  })
})
