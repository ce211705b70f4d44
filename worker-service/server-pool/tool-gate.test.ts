import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { NO_KNOWLEDGE } from './server-knowledge.ts'
import { createToolGate } from './tool-gate.ts'

const RM_WITHHELD = {
  ...NO_KNOWLEDGE,
  whyWithheld: (_: string, tool: string) => (tool === 'rm' ? 'it is new' : undefined),
}

describe('the gate of a server', () => {
  it('lets everything through where the configuration leaves nothing out', () => {
    const gate = createToolGate(fixtureServer('a'), NO_KNOWLEDGE)
    expect([gate.isShown('any'), gate.refuse('any')]).toEqual([true, undefined])
  })

  it('hides what is not included, or is excluded, and refuses it as a tool there is not', () => {
    const definition = fixtureServer('a', { includeTools: ['read_*'], excludeTools: ['*_all'] })
    const gate = createToolGate(definition, NO_KNOWLEDGE)
    expect(['read_one', 'read_all', 'write'].map((tool) => gate.isShown(tool))).toEqual([true, false, false])
    expect(gate.refuse('read_one')).toBeUndefined()
    expect(gate.refuse('write')).toEqual({ code: 'unknown_tool', message: 'server "a": there is no tool "write".' })
    expect(gate.refuse('x'.repeat(1_000))?.message).toHaveLength(160)
  })

  it('refuses what is withheld, and says so', () => {
    const gate = createToolGate(fixtureServer('a'), RM_WITHHELD)
    const message = 'server "a": the tool "rm" is withheld: it is new.'
    expect(gate.refuse('rm')).toEqual({ code: 'tool_withheld', message })
    expect(gate.refuse('ls')).toBeUndefined()
  })
})
