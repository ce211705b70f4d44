import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type FirstToolsSource, readFirstTools, writeFirstTools } from '../shared/first-tools.ts'
import { FirstToolsKeeper } from './first-tools-keeper.ts'

/** A keeper of a list that the test changes. */
async function keeping({ areSelectedElsewhere = false, cache = 'cache' } = {}) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'first-tools-keeper-'))
  const source: FirstToolsSource = {
    configPath: join(folder.path, 'mcp.json'),
    configAlternatives: [],
    variablesPath: join(folder.path, 'env'),
    findTools: { maxLimit: 25, mode: 'auto', processTimeoutMs: 1 },
    folders: { cache: join(folder.path, cache), state: folder.path, runtime: folder.path },
  }
  await writeFirstTools(source, 'of a worker before').catch(() => {})
  const warnings: string[] = []
  const listeners: Array<() => void> = []
  const state = { list: 'a', asked: 0 }
  const open = () =>
    new FirstToolsKeeper({
      source,
      tools: { areSelectedElsewhere, onChange: (listener) => void listeners.splice(0, 1, listener) },
      list: async () => {
        state.asked++
        return state.list
      },
      warn: (message) => warnings.push(message),
    })
  return {
    state,
    warnings,
    open,
    changed: () => listeners.map((listener) => listener()),
    read: () => readFirstTools(source),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

describe('FirstToolsKeeper', () => {
  it('keeps the list from the beginning, and again when tools have changed, once for many changes', async () => {
    await using kept = await keeping()
    {
      await using _ = kept.open()
    }
    expect(kept.read()).toBe('a')
    {
      await using _ = kept.open()
      kept.state.list = 'b'
      for (let time = 0; time < 5; time++) kept.changed()
    }
    expect([kept.read(), kept.state.asked]).toEqual(['b', 2])
  })

  it('leaves none where an API elsewhere selects, whose tools are not known', async () => {
    await using kept = await keeping({ areSelectedElsewhere: true })
    await using _ = kept.open()
    expect([kept.read(), kept.state.asked]).toEqual([undefined, 0])
  })

  it('says that the list cannot be kept', async () => {
    await using kept = await keeping({ cache: `nowhere\0` })
    {
      await using _ = kept.open()
    }
    expect(kept.warnings).toEqual([expect.stringMatching(/^The list of tools for new clients is not kept: /)])
  })
})
