import { describe, expect, it } from 'vitest'
import { Accountant } from './accountant.ts'

function answer(id: unknown, { source = 'worker', agent = 'agent-1' } = {}): string {
  const structuredContent = { status: 'success', details: { target_agent: agent } }
  return JSON.stringify({ jsonrpc: '2.0', id, result: { structuredContent, _meta: { 'pilotlight/source': source } } })
}

function withOneCall(): Accountant {
  const accountant = new Accountant()
  accountant.sent({ id: 1, agentId: 'agent-1' }, 1_000)
  return accountant
}

const NOTHING_WRONG = { failures: [], answeredTwice: 0, wrongId: 0 }

describe('the accountant', () => {
  it.each(['worker', 'one-shot'] as const)('books who answered: %s', (source) => {
    const accountant = withOneCall()
    expect(accountant.received(answer(1, { source }), 1_025)).toBe(source)
    expect(accountant.close()).toEqual({
      ...NOTHING_WRONG,
      sent: 1,
      times: { worker: [], 'one-shot': [], [source]: [25] },
    })
  })

  it.each([
    ['an error', JSON.stringify({ id: 1, error: { code: -32603, message: 'broken' } }), 'broken'],
    ['a failed tool call', JSON.stringify({ id: 1, result: { isError: true, content: [] } }), 'isError'],
    [
      'an answer from nowhere',
      JSON.stringify({ id: 1, result: { structuredContent: { status: 'success' } } }),
      'success',
    ],
  ])('counts %s as failed', (_, line, reason) => {
    const accountant = withOneCall()
    expect(accountant.received(line, 1_001)).toBeUndefined()
    expect(accountant.close().failures).toEqual([expect.stringContaining(reason)])
  })

  it('counts a call without an answer as failed', () => {
    expect(withOneCall().close().failures).toEqual(['call 1 was never answered'])
  })

  it('notices a second answer', () => {
    const accountant = withOneCall()
    for (let time = 0; time < 2; time++) accountant.received(answer(1), 1_001)
    expect(accountant.close()).toMatchObject({ ...NOTHING_WRONG, answeredTwice: 1 })
  })

  it.each([
    ['an id that was never sent', answer(2)],
    ['an id of another type', answer('1')],
    ['no JSON at all', 'Listening on port 3021'],
  ])('notices %s', (_, line) => {
    const accountant = withOneCall()
    accountant.received(line, 1_001)
    expect(accountant.close().wrongId).toBe(1)
  })

  it("notices the answer to another's call", () => {
    const accountant = withOneCall()
    accountant.received(answer(1, { agent: 'agent-2' }), 1_001)
    expect(accountant.close()).toMatchObject({ wrongId: 1, times: { worker: [] } })
  })

  it('takes a notification for what it is', () => {
    const accountant = withOneCall()
    accountant.received('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}', 1_001)
    expect(accountant.close().wrongId).toBe(0)
    expect(accountant.openCalls).toBe(1)
  })
})
