import { describe, expect, it } from 'vitest'
import type { LettaTool } from './letta-client.ts'
import { planAttachments } from './plan-attachments.ts'

const tool = (name: string, isMcp = true): LettaTool => ({
  id: `tool-${name}`,
  name,
  isMcp,
  server: isMcp ? 's' : undefined,
})
const [a, b, c, core] = [tool('a'), tool('b'), tool('c'), tool('send_message', false)]

function plan(wishes: Partial<Parameters<typeof planAttachments>[0]>) {
  const { attach, detach, preserved } = planAttachments({
    attached: [],
    found: [],
    isKept: () => false,
    neverDetach: [],
    minMcpTools: 0,
    ...wishes,
  })
  const names = (tools: LettaTool[]) => tools.map(({ name }) => name).join(' ')
  return { attach: names(attach), detach: names(detach), preserved: names(preserved) }
}

describe('the plan for the tools of an agent', () => {
  it('attaches what was found, and detaches what was not', () => {
    expect(plan({ attached: [a, b], found: [b, c] })).toEqual({ attach: 'c', detach: 'a', preserved: '' })
  })

  it('never touches tools that come from no MCP server', () => {
    expect(plan({ attached: [core, a], found: [b] })).toEqual({ attach: 'b', detach: 'a', preserved: '' })
  })

  it('detaches nothing where nothing is attached for it', () => {
    expect(plan({ attached: [a, b] })).toEqual({ attach: '', detach: '', preserved: 'a b' })
  })

  it('keeps what is to be kept, and what bears a protected name to the letter', () => {
    const wishes = { attached: [a, b, tool('B')], found: [c], isKept: ({ name }: LettaTool) => name === 'a' }
    expect(plan({ ...wishes, neverDetach: ['b'] })).toEqual({ attach: 'c', detach: 'B', preserved: 'a b' })
  })

  it('leaves at least so many tools of MCP servers, the last ones of the list', () => {
    const wishes = { attached: [core, a, b], found: [c] }
    expect(plan({ ...wishes, minMcpTools: 2 })).toEqual({ attach: 'c', detach: 'a', preserved: 'b' })
    expect(plan({ ...wishes, minMcpTools: 9 })).toEqual({ attach: 'c', detach: '', preserved: 'a b' })
  })
})
