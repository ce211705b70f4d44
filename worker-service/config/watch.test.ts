import { mkdir, mkdtempDisposable, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { loadServerConfiguration, type ServerConfiguration } from './server-configuration.ts'
import { ConfigurationWatch } from './watch.ts'

const textOf = (...names: string[]) =>
  JSON.stringify({ mcpServers: Object.fromEntries(names.map((name) => [name, { command: '${RUN:-node}' }])) })

/** A configuration that is watched, and everything that was told of it: the names of servers, or what is wrong. */
async function watched({ folder = '.', text = textOf('a') }: { folder?: string; text?: string | undefined } = {}) {
  const stack = new AsyncDisposableStack()
  const home = stack.use(await mkdtempDisposable(join(tmpdir(), 'watch-')))
  const path = join(home.path, folder, 'mcp.json')
  const variablesPath = join(home.path, 'env')
  if (text !== '') await writeFile(path, text, { mode: 0o600 })
  const load = () => loadServerConfiguration({ path, variablesPath, variables: {} })
  const told: unknown[] = []
  const taken: ServerConfiguration[] = []
  stack.use(
    new ConfigurationWatch({
      paths: [path, variablesPath],
      current: await load(),
      load,
      changed: async (configuration) => {
        taken.push(configuration)
        told.push(configuration.servers.map(({ name }) => name))
      },
      broken: ({ message }) => told.push(message),
    }),
  )
  return { path, variablesPath, told, taken, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('a watched configuration', () => {
  it('is taken on when it is written in place, and each time it is replaced', async () => {
    await using home = await watched()
    await writeFile(home.path, textOf('a', 'b'))
    await vi.waitFor(() => expect(home.told).toEqual([['a', 'b']]), 5_000)
    for (const names of [['c'], ['d'], ['e', 'f']]) {
      await writeFile(`${home.path}.new`, textOf(...names), { mode: 0o600 })
      await rename(`${home.path}.new`, home.path)
      await vi.waitFor(() => expect(home.told.at(-1)).toEqual(names), 5_000)
    }
    expect(home.told).toHaveLength(4)
  })

  it('tells nothing of what means the same, nor of other files', async () => {
    await using home = await watched()
    await writeFile(`${home.path}.other`, 'x')
    await writeFile(home.path, `// said again\n${textOf('a')}`)
    await sleep(700)
    expect(home.told).toEqual([])
  })

  it('is not read while it is half-written', async () => {
    await using home = await watched()
    const text = textOf('a', 'b')
    await writeFile(home.path, text.slice(0, 20))
    await sleep(150)
    await writeFile(home.path, text)
    await vi.waitFor(() => expect(home.told).toEqual([['a', 'b']]), 5_000)
  })

  it('stays in use when the file is broken, which is said once, until it is whole again', async () => {
    await using home = await watched()
    await writeFile(home.path, '{"mcpServers": {"a": {}}}')
    await vi.waitFor(() => expect(home.told).toHaveLength(1), 5_000)
    expect(home.told[0]).toContain('server "a": it has neither "command" nor "url"')
    await writeFile(home.path, '{"mcpServers": {"a": {}} }')
    await sleep(700)
    expect(home.told).toHaveLength(1)
    await writeFile(home.path, textOf('b'))
    await vi.waitFor(() => expect(home.told.at(-1)).toEqual(['b']), 5_000)
  })

  it('stays in use when the file is gone, and is taken on when it comes back', async () => {
    await using home = await watched()
    await rm(home.path)
    await vi.waitFor(() => expect(home.told).toEqual([expect.stringContaining('mcp.json is gone')]), 5_000)
    await writeFile(home.path, textOf('z'), { mode: 0o600 })
    await vi.waitFor(() => expect(home.told.at(-1)).toEqual(['z']), 5_000)
  })

  it('is found when its folder is made later', async () => {
    await using home = await watched({ folder: 'later/still', text: '' })
    await mkdir(join(home.path, '..'), { recursive: true })
    await writeFile(home.path, textOf('a'), { mode: 0o600 })
    await vi.waitFor(() => expect(home.told).toEqual([['a']]), 5_000)
  })

  it('is taken on when a variable of it changes', async () => {
    await using home = await watched()
    await writeFile(home.variablesPath, 'RUN=bun\n', { mode: 0o600 })
    await vi.waitFor(() => expect(home.taken.at(-1)?.servers).toMatchObject([{ command: 'bun' }]), 5_000)
  })
})
