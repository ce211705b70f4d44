import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import type { StdioServerDefinition } from '../server-pool/server-definition.ts'
import { AcceptedToolsFolder } from './accepted-tools.ts'
import { toRemembered, type WithheldTool } from './server-listing.ts'
import type { ToolDefinition } from './tool-catalog.ts'
import { VettedTools } from './vetted-tools.ts'

type OnToolChange = StdioServerDefinition['onToolChange']

const inputSchema = { type: 'object' }
const tool = (name: string, description = `Does ${name}`): ToolDefinition => ({ name, description, inputSchema })
const [X, Y] = [tool('x'), tool('y')]
const Z = tool('z')
const X_CHANGED = tool('x', 'Does x, and sends it elsewhere')

/** A server whose lists are looked at, here and by whoever comes later. */
async function vetting(onToolChange: OnToolChange) {
  const base = await mkdtempDisposable(join(tmpdir(), 'vetted-'))
  const definition = fixtureServer('a', { onToolChange })
  const warnings: string[] = []
  const open = (isKeeper = true) => {
    const folder = new AcceptedToolsFolder(join(base.path, 'accepted'), (message) => warnings.push(message))
    const vetted = new VettedTools(folder, { isKeeper })
    vetted.configure([definition])
    const take = (tools: ToolDefinition[], withheld: WithheldTool[] = []) =>
      vetted.vet(definition, toRemembered({ title: undefined, description: undefined, tools, withheld }))
    const namesOf = (...tools: ToolDefinition[]) => take(tools).tools.map(({ name }) => name)
    return { vetted, take, namesOf }
  }
  return { open, warnings, [Symbol.asyncDispose]: () => base[Symbol.asyncDispose]() }
}

describe('the first list of a server', () => {
  it.each<OnToolChange>(['warn', 'block', 'off'])('is accepted with onToolChange %s', async (mode) => {
    await using server = await vetting(mode)
    const { vetted, namesOf } = server.open()
    expect(namesOf(X, Y)).toEqual(['x', 'y'])
    await vetted.kept()
    const next = server.open()
    expect(next.namesOf(Y, X)).toEqual(['y', 'x'])
    expect(next.vetted.reportOf('a')).toMatchObject({ withheld: [], changes: undefined })
  })
})

describe('a list that is not as it was accepted', () => {
  const changes = { changed: ['x'], added: ['z'], removed: ['y'] }
  const accepted = async (mode: OnToolChange) => {
    const server = await vetting(mode)
    const { vetted, namesOf } = server.open()
    namesOf(X, Y)
    await vetted.kept()
    return server
  }

  it('is offered and flagged where there is to be a warning', async () => {
    await using server = await accepted('warn')
    const { vetted, namesOf } = server.open()
    expect(namesOf(X_CHANGED, Z)).toEqual(['x', 'z'])
    expect(vetted.reportOf('a')).toMatchObject({ withheld: [], changes })
    expect([vetted.whyWithheld('a', 'x'), vetted.withheldAmong('a', [X_CHANGED]).size]).toEqual([undefined, 0])
  })

  it('loses what is new or changed where it is blocked, until it is accepted', async () => {
    await using server = await accepted('block')
    const { vetted, namesOf } = server.open()
    expect(namesOf(X_CHANGED, Y, Z)).toEqual(['y'])
    expect(vetted.reportOf('a')).toMatchObject({
      changes: { ...changes, removed: [] },
      withheld: [
        { name: 'x', reason: expect.stringMatching(/^it has changed since it was accepted: .*pilot tools accept a"$/) },
        { name: 'z', reason: expect.stringMatching(/^it was not there when tools were accepted: /) },
      ],
    })
    expect(vetted.whyWithheld('a', 'x')).toContain('it has changed')
    expect(vetted.whyWithheld('a', 'y')).toBeUndefined()
    const { listing } = await vetted.accept('a')
    expect(listing.tools.map(({ name }) => name)).toEqual(['x', 'y', 'z'])
    expect(vetted.reportOf('a')).toMatchObject({ withheld: [], changes: undefined })
    expect(server.open().namesOf(X_CHANGED, Y, Z)).toEqual(['x', 'y', 'z'])
  })

  it('is another one for whoever keeps something made of it', async () => {
    await using server = await accepted('block')
    const { vetted, take } = server.open()
    const [before, blocked] = [take([X, Y]), take([X, Y, Z])]
    const { listing } = await vetted.accept('a')
    expect(new Set([before.fingerprint, blocked.fingerprint, listing.fingerprint]).size).toBe(3)
  })

  it('is of no concern where it is off', async () => {
    await using server = await accepted('off')
    const { vetted, namesOf } = server.open()
    expect(namesOf(X_CHANGED, Z)).toEqual(['x', 'z'])
    expect(vetted.reportOf('a').changes).toBeUndefined()
  })

  it('is blocked by who accepts nothing too, and never accepted by that', async () => {
    await using server = await vetting('block')
    expect(server.open(false).namesOf(X)).toEqual(['x'])
    const { vetted, namesOf } = server.open()
    expect(namesOf(Y)).toEqual(['y'])
    await vetted.kept()
    expect(server.open(false).namesOf(X, Y)).toEqual(['y'])
  })

  it('is looked at page by page, also before it is known', async () => {
    await using server = await accepted('block')
    const withheld = server.open().vetted.withheldAmong('a', [X, X_CHANGED, Y, Z, null])
    expect([...withheld]).toEqual([
      [1, 'a tool of this name was listed before it'],
      [3, expect.stringContaining('it was not there when tools were accepted: look at it')],
      [4, 'it is not an object'],
    ])
  })
})

describe('tools that cannot be offered', () => {
  it('are refused under names that no other tool has', async () => {
    await using server = await vetting('off')
    const { vetted, take } = server.open()
    const withheld = [
      { name: 'x', reason: 'a tool of this name was listed before it' },
      { name: 'y', reason: 'its inputSchema is not an object' },
    ]
    take([X], withheld)
    expect(vetted.reportOf('a').withheld).toEqual(withheld)
    expect([vetted.whyWithheld('a', 'x'), vetted.whyWithheld('a', 'y')]).toEqual([undefined, withheld[1]?.reason])
    expect([...vetted.withheldAmong('a', [{ name: 'y' }, X, X]).keys()]).toEqual([0, 2])
    expect(vetted.withheldAmong('unknown', [X]).size).toBe(0)
  })

  it('are not known of a server that is not listed yet or no longer configured, and cannot be accepted', async () => {
    await using server = await vetting('warn')
    const { vetted, namesOf } = server.open()
    await expect(vetted.accept('a')).rejects.toMatchObject({ code: 'server_unavailable' })
    namesOf(tool('x\u200B'))
    expect(vetted.reportOf('a').hidden).toEqual(['x\u200B'])
    vetted.configure([])
    expect(vetted.reportOf('a').hidden).toEqual([])
    await vetted.kept()
  })
})
