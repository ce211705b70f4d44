import { appendFileSync, existsSync, mkdirSync, statSync, watch as watchFolder, writeFileSync } from 'node:fs'
import { appendFile, mkdir, mkdtempDisposable, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { loadServerConfiguration, type ServerConfiguration } from './server-configuration.ts'
import { ConfigurationWatch } from './watch.ts'

const textOf = (...names: string[]) =>
  JSON.stringify({ mcpServers: Object.fromEntries(names.map((name) => [name, { command: '${RUN:-node}' }])) })

/** A configuration that is watched, and everything that was told of it: the names of servers, or what is wrong. `looked` resolves once its files were read again. */
async function watched({
  folder = '.',
  file = 'mcp.json',
  text = textOf('a'),
  /** What stands there once it was read. */
  meanwhile = '',
  watch = watchFolder,
} = {}) {
  const stack = new AsyncDisposableStack()
  const home = stack.use(await mkdtempDisposable(join(tmpdir(), 'watch-')))
  const path = join(home.path, folder, file)
  const variablesPath = join(home.path, 'env')
  if (text !== '') await writeFile(path, text, { mode: 0o600 })
  let looks = 0
  const load = () => {
    looks++
    return loadServerConfiguration({ path, variablesPath, variables: {} })
  }
  const told: unknown[] = []
  const taken: ServerConfiguration[] = []
  const current = await load()
  if (meanwhile !== '') await writeFile(path, meanwhile)
  stack.use(
    new ConfigurationWatch({
      paths: [path, variablesPath],
      current,
      load,
      changed: async (configuration) => {
        taken.push(configuration)
        told.push(configuration.servers.map(({ name }) => name))
      },
      broken: ({ message }) => told.push(message),
      mended: () => told.push('mended'),
      unwatched: (where) => told.push(`${where} is not watched`),
      watch,
    }),
  )
  const looked = () => {
    const before = looks
    return vi.waitFor(() => expect(looks).toBeGreaterThan(before))
  }
  return { path, variablesPath, told, taken, looked, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('a watched configuration', () => {
  it('is taken on when it is written in place, and each time it is replaced', async () => {
    await using home = await watched()
    await writeFile(home.path, textOf('a', 'b'))
    await vi.waitFor(() => expect(home.told).toEqual([['a', 'b']]))
    for (const names of [['c'], ['d'], ['e', 'f']]) {
      await writeFile(`${home.path}.new`, textOf(...names), { mode: 0o600 })
      await rename(`${home.path}.new`, home.path)
      await vi.waitFor(() => expect(home.told.at(-1)).toEqual(names))
    }
    expect(home.told).toHaveLength(4)
  })

  it('tells nothing of what means the same, nor of other files', async () => {
    await using home = await watched()
    await writeFile(`${home.path}.other`, 'x')
    await writeFile(home.path, `// said again\n${textOf('a')}`)
    await home.looked()
    await writeFile(home.path, textOf('a', 'b'))
    await vi.waitFor(() => expect(home.told).toEqual([['a', 'b']]))
  })

  it('is taken on, with servers gone, however often something else in its folder is written', async () => {
    await using home = await watched({ text: textOf('a', 'b') })
    const log = setInterval(() => void appendFile(`${home.path}.log`, 'a line\n'), 20)
    using _ = { [Symbol.dispose]: () => clearInterval(log) }
    await vi.waitFor(() => expect(statSync(`${home.path}.log`).size).toBeGreaterThan(0))
    await writeFile(home.path, textOf('a'))
    await vi.waitFor(() => expect(home.told).toEqual([['a']]))
  })

  it('is not read while it is half-written', async () => {
    await using home = await watched()
    const text = textOf('a', 'b')
    await writeFile(home.path, text.slice(0, 20))
    await home.looked()
    // At once: where this takes a while, the half counts as meant.
    writeFileSync(home.path, text)
    await vi.waitFor(() => expect(home.told).toEqual([['a', 'b']]))
  })

  it('leaves a server as it was whose entry has a mistake now, and takes the rest on', async () => {
    await using home = await watched({ text: textOf('a', 'b') })
    const entries = { c: { command: 'c' }, b: { command: '' }, new: { command: 1 }, a: { command: 'a' } }
    await writeFile(home.path, JSON.stringify({ mcpServers: entries }))
    await vi.waitFor(() => expect(home.told).toHaveLength(2))
    expect(home.told).toEqual([['a', 'b', 'c'], expect.stringMatching(/^b stays as it was: "command" .*\.$/)])
    expect(home.taken.at(-1)).toMatchObject({
      servers: [{ command: 'a' }, { command: 'node' }, { command: 'c' }],
      unusable: [{ name: 'new' }],
    })
    await writeFile(home.path, JSON.stringify({ mcpServers: { ...entries, b: { command: 'other' } } }))
    await vi.waitFor(() => expect(home.told.slice(2)).toEqual([['c', 'b', 'a'], 'mended']))
  })

  it('stays in use when the file is broken, which is said once, until it is whole again', async () => {
    await using home = await watched()
    await writeFile(home.path, '{"mcpServers": 3}')
    await vi.waitFor(() => expect(home.told).toHaveLength(1))
    expect(home.told[0]).toMatch(/"mcpServers" must be an object of servers.*\nWhat was in use before stays so\.$/s)
    await writeFile(home.path, '{"mcpServers": 3 }')
    // Once, and once more before anybody would be told.
    await home.looked()
    await home.looked()
    await writeFile(home.path, textOf('b'))
    await vi.waitFor(() => expect(home.told.slice(1)).toEqual([['b'], 'mended']))
  })

  it('is taken on but for a server whose entry cannot be used', async () => {
    await using home = await watched()
    await writeFile(home.path, '{"mcpServers": {"c": {}, "b": {"command": "b"}}}')
    await vi.waitFor(() => expect(home.told).toEqual([['b']]))
  })

  it('is said to be well again when it is what it was before it broke', async () => {
    await using home = await watched()
    await writeFile(home.path, 'x')
    await vi.waitFor(() => expect(home.told).toHaveLength(1))
    await writeFile(home.path, textOf('a'))
    await vi.waitFor(() => expect(home.told.slice(1)).toEqual(['mended']))
  })

  it('stays in use when the file is gone, and is taken on when it comes back', async () => {
    await using home = await watched()
    await rm(home.path)
    await vi.waitFor(() => expect(home.told).toEqual([expect.stringContaining('mcp.json is gone')]))
    await writeFile(home.path, textOf('z'), { mode: 0o600 })
    await vi.waitFor(() => expect(home.told.slice(1)).toEqual([['z'], 'mended']))
  })

  it('stays in use while a link in its place leads to itself', async () => {
    await using home = await watched()
    await rm(home.path)
    await symlink(home.path, home.path)
    await vi.waitFor(() => expect(home.told).toEqual([expect.stringContaining('ELOOP')]))
    await rm(home.path)
    await writeFile(home.path, textOf('z'), { mode: 0o600 })
    await vi.waitFor(() => expect(home.told.slice(1)).toEqual([['z'], 'mended']))
  })

  it('is in use though its folder cannot be watched, which is said once', async () => {
    const watch: typeof watchFolder = () => {
      throw new Error('ENOSPC')
    }
    await using home = await watched({ watch })
    expect(home.told).toEqual([`${dirname(home.path)} is not watched`])
  })

  it('is found when its folder is made later', async () => {
    await using home = await watched({ folder: 'later/still', text: '' })
    await mkdir(join(home.path, '..'), { recursive: true })
    await writeFile(home.path, textOf('a'), { mode: 0o600 })
    await vi.waitFor(() => expect(home.told).toEqual([['a']]))
  })

  it('is found when its folder is made just before the one above it is watched', async () => {
    const watch = ((folder: string, ...rest: []) => {
      if (folder.endsWith('later')) mkdirSync(join(folder, 'still'), { recursive: true })
      return watchFolder(folder, ...rest)
    }) as typeof watchFolder
    await using home = await watched({ folder: 'later/still', text: '', watch })
    await mkdir(join(home.path, '../..'))
    await vi.waitFor(() => expect(existsSync(dirname(home.path))).toBe(true))
    await writeFile(home.path, textOf('a'), { mode: 0o600 })
    await vi.waitFor(() => expect(home.told).toEqual([['a']]))
  })

  it('is taken on when it has changed before it was watched', async () => {
    await using home = await watched({ meanwhile: textOf('b') })
    await vi.waitFor(() => expect(home.told).toEqual([['b']]))
  })

  it('is taken on when a variable of it changes', async () => {
    await using home = await watched()
    await writeFile(home.variablesPath, 'RUN=bun\n', { mode: 0o600 })
    await vi.waitFor(() => expect(home.taken.at(-1)?.servers).toMatchObject([{ command: 'bun' }]))
  })

  it.each([
    ['mcp.yaml', 'mcpServers:\n  a: { command: node }\n', '  b: { command: node }\n'],
    ['mcp.toml', '[mcpServers.a]\ncommand = "node"\n', '[mcpServers.b]\ncommand = "node"\n'],
  ])('loses no server of %s while it is written, though half of it means something', async (name, head, tail) => {
    await using home = await watched({ file: name, text: head + tail })
    // As an editor does that empties the file, and takes its time.
    for (const round of [1, 2, 3]) {
      writeFileSync(home.path, '')
      await home.looked()
      writeFileSync(home.path, `# ${round}\n${head}`)
      await home.looked()
      appendFileSync(home.path, tail)
      await home.looked()
    }
    await writeFile(home.path, head)
    await vi.waitFor(() => expect(home.told).toEqual([['a']]))
  })

  it('is taken on where it lies, when it is reached through a link', async () => {
    await using home = await watched({ folder: 'linked', text: '' })
    const folder = join(home.path, '..')
    const dotfiles = join(folder, '../dotfiles')
    await mkdir(dotfiles)
    await writeFile(join(dotfiles, 'mcp.json'), textOf('a'), { mode: 0o600 })
    await mkdir(folder)
    await symlink(join(dotfiles, 'mcp.json'), home.path)
    await vi.waitFor(() => expect(home.told).toEqual([['a']]))
    await writeFile(join(dotfiles, 'mcp.json'), textOf('a', 'b'))
    await vi.waitFor(() => expect(home.told.at(-1)).toEqual(['a', 'b']))
  })

  it('is taken on each time that the folder it is linked from is exchanged, as in Kubernetes', async () => {
    await using home = await watched({ folder: 'mounted', text: '' })
    const folder = join(home.path, '..')
    await mkdir(folder)
    const publish = async (version: string, ...names: string[]) => {
      await mkdir(join(folder, version))
      await writeFile(join(folder, version, 'mcp.json'), textOf(...names), { mode: 0o600 })
      await symlink(version, join(folder, '..data_tmp'))
      await rename(join(folder, '..data_tmp'), join(folder, '..data'))
    }
    await publish('..1', 'a')
    await symlink('..data/mcp.json', home.path)
    await vi.waitFor(() => expect(home.told).toEqual([['a']]))
    for (const version of [2, 3, 4]) {
      await publish(`..${version}`, 'a', `b${version}`)
      await rm(join(folder, `..${version - 1}`), { recursive: true })
      await vi.waitFor(() => expect(home.told.at(-1)).toEqual(['a', `b${version}`]))
    }
  })
})
