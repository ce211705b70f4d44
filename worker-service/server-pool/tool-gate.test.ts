import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { createToolGate } from './tool-gate.ts'

const NOTHING_WITHHELD = () => false

describe('the gate of a server', () => {
  it('looks into no list where the configuration leaves nothing out', () => {
    const gate = createToolGate(fixtureServer('a'), NOTHING_WITHHELD)
    expect([gate.isShown, gate.refuse('any')]).toEqual([undefined, undefined])
  })

  it('hides what is not included, or is excluded, and refuses it as a tool there is not', () => {
    const definition = fixtureServer('a', { includeTools: ['read_*'], excludeTools: ['*_all'] })
    const gate = createToolGate(definition, NOTHING_WITHHELD)
    expect(['read_one', 'read_all', 'write'].map((tool) => gate.isShown?.(tool))).toEqual([true, false, false])
    expect(gate.refuse('read_one')).toBeUndefined()
    expect(gate.refuse('write')).toEqual({ code: 'unknown_tool', message: 'server "a": there is no tool "write".' })
    expect(gate.refuse('x'.repeat(1_000))?.message).toHaveLength(160)
  })

  it('refuses what is withheld, and says so', () => {
    const gate = createToolGate(fixtureServer('a'), (tool) => tool === 'rm')
    expect(gate.refuse('rm')).toEqual({ code: 'tool_withheld', message: 'The tool rm is withheld.' })
    expect(gate.refuse('ls')).toBeUndefined()
  })
})
