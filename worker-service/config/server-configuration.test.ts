import { execFile } from 'node:child_process'
import { chmod, chown, mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { loadServerConfiguration } from './server-configuration.ts'

const CONFIGURATION = '{"mcpServers":{"one":{"command":"a","args":["${KEY}"],"cwd":"work"}}}'

async function configuration(text = CONFIGURATION) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'server-configuration-'))
  const sources = {
    path: join(folder.path, 'mcp.json'),
    variablesPath: join(folder.path, 'env'),
    variables: { KEY: 'from the environment' },
  }
  await writeFile(sources.path, text, { mode: 0o644 })
  return { ...sources, folder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('loadServerConfiguration', () => {
  it('reads the servers of a file, their folders relative to it', async () => {
    await using sources = await configuration()
    expect(await loadServerConfiguration(sources)).toMatchObject({
      path: sources.path,
      exists: true,
      servers: [{ name: 'one', args: ['from the environment'], cwd: join(sources.folder, 'work') }],
      unusable: [],
    })
  })

  it('takes variables from the private file before the environment', async () => {
    await using sources = await configuration()
    await writeFile(sources.variablesPath, 'KEY=from the file\n', { mode: 0o600 })
    expect(await loadServerConfiguration(sources)).toMatchObject({ servers: [{ args: ['from the file'] }] })
  })

  it.each([
    ['mcp.yaml', 'mcpServers:\n  one: { command: a, args: ["${KEY}"], cwd: work }\n'],
    ['mcp.yml', 'mcp_servers:\n  one:\n    command: a\n    args: ["${KEY}"]\n    cwd: work\n'],
    ['mcp.toml', '[mcp_servers.one]\ncommand = "a"\nargs = ["${KEY}"]\ncwd = "work"\n'],
  ])('reads the same in %s, which stands for an mcp.json that is not there', async (name, text) => {
    await using sources = await configuration()
    const asJson = await loadServerConfiguration(sources)
    const path = join(sources.folder, name)
    await rm(sources.path)
    await writeFile(path, text, { mode: 0o644 })
    const alternatives = [join(sources.folder, 'mcp.other'), path]
    expect(await loadServerConfiguration({ ...sources, alternatives })).toEqual({ ...asJson, path })
  })

  it('refuses two files of which either could be meant', async () => {
    await using sources = await configuration()
    const yaml = join(sources.folder, 'mcp.yaml')
    await writeFile(yaml, '{}')
    await expect(loadServerConfiguration({ ...sources, alternatives: [yaml] })).rejects.toThrow(
      `${sources.path} is not usable:\n  - there is also mcp.yaml beside it; keep one of them`,
    )
  })

  it.each([
    ['mcp.yaml', 'pool:\n  share: some\n', 'line 2:3: "pool.share" must'],
    ['mcp.toml', '[pool]\nmaxSize = 0\n', 'line 2:1: "pool.maxSize" must'],
    ['mcp.toml', '[pool]\nmaxSize = ', 'line 2:11: '],
  ])('says where in %s the mistake is', async (name, text, mistake) => {
    await using sources = await configuration()
    const path = join(sources.folder, name)
    await writeFile(path, text)
    await expect(loadServerConfiguration({ ...sources, path })).rejects.toThrow(
      `${path} is not usable:\n  - ${mistake}`,
    )
  })

  it('has no servers without a file, and says where it looked', async () => {
    const sources = { path: '/nowhere/mcp.json', variablesPath: '/nowhere/env', variables: {} }
    expect(await loadServerConfiguration(sources)).toEqual({
      path: '/nowhere/mcp.json',
      exists: false,
      servers: [],
      unusable: [],
      disabled: [],
      limits: { maxSize: 10 },
      service: {
        autoStart: true,
        autoShutdownMs: 600_000,
        port: undefined,
        logLevel: undefined,
        grpcPort: undefined,
        isDirect: false,
      },
      warnings: [],
    })
  })

  it('lists every mistake under the path of the file', async () => {
    await using sources = await configuration('{"mcpServers":{"a b":{"command":"a"},"c":{}},"pool":3}')
    await expect(loadServerConfiguration(sources)).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: [
          `The configuration ${sources.path} is not usable:`,
          '  - line 1:46: "pool" must be an object',
          '  - line 1:16: server "a b": a name has 1 to 40 letters, digits, "_", "-" or "."; rename it',
          '  - line 1:38: server "c": it has neither "command" nor "url"; add the one that reaches the server',
        ].join('\n'),
      }),
    )
  })

  it.each([0o666, 0o646])('refuses a file that others can write (%o)', async (mode) => {
    await using sources = await configuration()
    await chmod(sources.path, mode)
    await expect(loadServerConfiguration(sources)).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining(`others can write to it; run "chmod go-w ${sources.path}"`),
      }),
    )
  })

  it.runIf(process.getuid?.() === 0)('refuses a file that a shared group can write', async () => {
    await using sources = await configuration()
    await chmod(sources.path, 0o664)
    await chown(sources.path, 0, 12_345)
    await expect(loadServerConfiguration(sources)).rejects.toThrow('others can write to it')
  })

  it.runIf(process.getuid?.() === process.getgid?.())(
    'takes a file that the own group of its owner can write',
    async () => {
      await using sources = await configuration()
      await chmod(sources.path, 0o664)
      expect(await loadServerConfiguration(sources)).toMatchObject({ exists: true })
    },
  )

  it('refuses a folder and a pipe in place of the file, without waiting', async () => {
    await using sources = await configuration()
    const pipe = join(sources.folder, 'pipe')
    await promisify(execFile)('mkfifo', [pipe])
    for (const path of [sources.folder, pipe]) {
      await expect(loadServerConfiguration({ ...sources, path })).rejects.toThrow('it is not a file')
    }
  })

  it('names the path that cannot be opened', async () => {
    await using sources = await configuration()
    const path = join(sources.path, 'below')
    await expect(loadServerConfiguration({ ...sources, path })).rejects.toThrow(
      `${path} is not usable:\n  - it cannot be`,
    )
  })
})
