import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runPilot } from '../../test/support/run-pilot.ts'
import { createTemporaryHome } from '../../test/support/temporary-home.ts'

const OWN = 'config/pilotlight/mcp.json'

const CURSOR =
  '{"mcpServers": {"files": {"command": "npx", "args": ["-y", "server-files", "/srv"], "env": {"KEY": "s3cret"}}}}'
const CODEX = `# mine
model = "x"

[mcp_servers.far] # remote
url = "https://example.org/mcp?key=s3cret"
bearer_token_env_var = "FAR_TOKEN"

[mcp_servers.pilotlight]
command = "pilot"
args = ["mcp"]
`
const ZED = `// mine
{
  "theme": "dark", // nice
  "context_servers": {
    "files": { "source": "custom", "command": "npx", "args": ["-y", "server-files", "/elsewhere"] },
    "ext": { "settings": { "key": "s3cret" } }, // brought by an extension
    "My Git": { "command": "uvx", "args": ["mcp-server-git"] },
  },
}
`

/** A home with the files of clients in it, and `pilot import` in that home. */
async function homeWith(files: Record<string, string>) {
  const home = await createTemporaryHome('/usr/bin')
  const at = (name: string) => join(home.path, name)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(at(name)), { recursive: true })
    await writeFile(at(name), text, { mode: 0o640 })
  }
  const run = async (...typed: string[]) => {
    const ended = await runPilot(['import', ...typed], { variables: home.variables })
    expect(ended.stdout + ended.stderr).not.toContain('s3cret')
    return { ...ended, stdout: ended.stdout.replaceAll(home.path, '~') }
  }
  const read = (name: string) => readFile(at(name), 'utf8')
  return { at, run, read, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() }
}

const ALL = { '.cursor/mcp.json': CURSOR, '.codex/config.toml': CODEX, 'config/zed/settings.json': ZED }

describe('pilot import', () => {
  it('shows what the clients have, names what is not taken over, and adds the rest', async () => {
    await using home = await homeWith(ALL)
    const { exitCode, stdout } = await home.run()
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').slice(0, 12)).toEqual([
      'Cursor  ~/.cursor/mcp.json',
      '  + files  npx server-files with KEY',
      '',
      'Codex  ~/.codex/config.toml',
      '  + far  https://example.org/mcp with Authorization',
      '  · pilotlight  is Pilotlight itself',
      '',
      'Zed  ~/config/zed/settings.json',
      '  ! files  is another server here (args, env), which stays',
      '  - ext  is not taken over: it has neither a command nor a URL; an extension of the client may bring it',
      '  + My Git (as My-Git)  uvx mcp-server-git',
      '',
    ])
    expect(stdout).toContain('Claude Desktop has nothing at ~/config/Claude/claude_desktop_config.json\n')
    expect(stdout).toMatch(/\n3 servers added to ~\/config\/pilotlight\/mcp\.json\.\n$/)
    expect(JSON.parse(await home.read(OWN))).toEqual({
      mcpServers: {
        files: { command: 'npx', args: ['-y', 'server-files', '/srv'], env: { KEY: 's3cret' } },
        far: { url: 'https://example.org/mcp?key=s3cret', headers: { Authorization: 'Bearer ${FAR_TOKEN}' } },
        'My-Git': { command: 'uvx', args: ['mcp-server-git'] },
      },
    })
    expect((await stat(home.at(OWN))).mode & 0o777).toBe(0o600)
    expect(await home.run()).toMatchObject({ stdout: expect.stringMatching(/Nothing to add to ~[^\n]+\n$/) })
  })

  it('changes nothing in a dry run', async () => {
    await using home = await homeWith(ALL)
    expect(await home.run('--dry-run', '--from', 'zed', '--wire')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        /2 servers would be added[^]*would start Pilotlight in the place of files, My Git\./,
      ),
    })
    await expect(home.read(OWN)).rejects.toThrow('ENOENT')
    expect(await home.read('config/zed/settings.json')).toBe(ZED)
  })

  it.each([
    [OWN, '{\n  // ours\n  "mcpServers": {\n    "one": { "command": "a" } // first\n  }\n}\n', '// ours'],
    ['config/pilotlight/mcp.yaml', '# ours\nmcpServers:\n  one: { command: a } # first\n', '# first'],
    ['config/pilotlight/mcp.toml', '# ours\n[mcp_servers.one] # first\ncommand = "a"\n', '# first'],
  ])('keeps the comments of %s', async (name, text, comment) => {
    await using home = await homeWith({ ...ALL, [name]: text })
    expect(await home.run('--from', 'codex')).toMatchObject({ exitCode: 0 })
    const merged = await home.read(name)
    expect(merged).toContain(comment)
    expect(merged).toContain('example.org')
    const { stdout } = await runPilot(['config', 'check', home.at(name), '--json'], { variables: { FAR_TOKEN: 'x' } })
    expect(JSON.parse(stdout)).toMatchObject({ servers: [{ name: 'one' }, { name: 'far' }], errors: [] })
  })

  it('refuses to add to a configuration that a worker would refuse', async () => {
    await using home = await homeWith({ ...ALL, [OWN]: '{"mcpServers": 1}' })
    expect(await home.run()).toMatchObject({
      exitCode: 78,
      stderr: expect.stringContaining('"mcpServers" must be an object'),
    })
    expect(await home.read(OWN)).toBe('{"mcpServers": 1}')
  })

  it('names the file of a client that is broken, and changes nothing', async () => {
    await using home = await homeWith({ ...ALL, '.codex/config.toml': 'a = "s3cret\n' })
    expect(await home.run()).toMatchObject({
      exitCode: 78,
      stderr: expect.stringMatching(/Codex .*config\.toml: line 1:/),
    })
    await expect(home.read(OWN)).rejects.toThrow('ENOENT')
  })
})

describe('pilot import --project', () => {
  const FILES = {
    'app/.mcp.json': '{"mcpServers": {"tool": {"command": "node", "args": ["${workspaceFolder}/tool.js"]}}}',
    'app/.vscode/mcp.json': '{"servers": {"far": {"type": "http", "url": "https://example.org/mcp"}}} // mine',
  }

  it("takes over a project's servers, which run in its folder, where that is named and never else", async () => {
    await using home = await homeWith(FILES)
    expect((await home.run()).stdout).toContain('Nothing to add')
    const { exitCode, stdout } = await home.run('--project', home.at('app'))
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('2 servers added')])
    expect(JSON.parse(await home.read(OWN))).toEqual({
      mcpServers: {
        tool: { command: 'node', args: [home.at('app/tool.js')], cwd: home.at('app') },
        far: { url: 'https://example.org/mcp' },
      },
    })
  })

  it('wires the file of the project, and puts it back', async () => {
    await using home = await homeWith(FILES)
    const wire = ['--project', home.at('app'), '--from', 'vscode']
    expect(await home.run(...wire, '--wire')).toMatchObject({ exitCode: 0 })
    expect(await home.read('app/.vscode/mcp.json')).toMatch(/pilot\.cjs[^]+mine/)
    expect(await home.run(...wire, '--undo')).toMatchObject({ exitCode: 0 })
    expect(await home.read('app/.vscode/mcp.json')).toBe(FILES['app/.vscode/mcp.json'])
  })

  it.each([['--dry-run'], ['--undo']])('refuses a client that has nothing of single projects (%s)', async (option) => {
    await using home = await homeWith(FILES)
    expect(await home.run('--project', home.at('app'), '--from', 'claude', option)).toMatchObject({
      exitCode: 2,
      stderr: 'pilot import: Claude Desktop has no servers of single projects.\n',
    })
  })
})

describe('pilot import --wire', () => {
  it.each([
    ['cursor', '.cursor/mcp.json', ['files']],
    ['codex', '.codex/config.toml', ['far']],
    ['zed', 'config/zed/settings.json', ['files', 'My Git']],
  ])(
    'has %s start "pilot mcp" in the place of its servers, and --undo puts back every byte',
    async (client, name, taken) => {
      await using home = await homeWith(ALL)
      const before = await home.read(name)
      const { exitCode, stdout } = await home.run('--from', client, '--wire')
      expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`in the place of ${taken.join(', ')}.\n`)])
      const wired = await home.read(name)
      expect(wired).toMatch(/pilot\.cjs", "mcp"|pilot\.cjs",\s+"mcp"/)
      for (const kept of before.match(/(#|\/\/) (mine|nice|brought).*/g) ?? []) expect(wired).toContain(kept)
      expect((await stat(home.at(name))).mode & 0o777).toBe(0o640)

      expect(await home.run('--from', client, '--wire')).toMatchObject({
        exitCode: 78,
        stderr: expect.stringContaining('is wired already'),
      })
      expect(await home.run('--from', client, '--undo')).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('exactly as it was'),
      })
      expect(await home.read(name)).toBe(before)
      expect(await readdir(dirname(home.at(name)))).toEqual([name.split('/').at(-1)])
      expect(await home.run('--from', client, '--undo')).toMatchObject({
        exitCode: 78,
        stderr: expect.stringContaining('is not wired'),
      })
    },
  )

  it('gives back the servers of a client that has written its file since, and keeps what it wrote', async () => {
    await using home = await homeWith({
      '.claude.json': '{\n  "runs": 1,\n  "mcpServers": { "a": { "command": "b" } }\n}\n',
    })
    await home.run('--from', 'claude-code', '--wire')
    const wired = JSON.parse(await home.read('.claude.json'))
    await writeFile(home.at('.claude.json'), JSON.stringify({ ...wired, runs: 2 }))
    expect(await home.run('--from', 'claude-code', '--undo')).toMatchObject({ exitCode: 0 })
    expect(JSON.parse(await home.read('.claude.json'))).toEqual({ runs: 2, mcpServers: { a: { command: 'b' } } })
  })

  it('writes through a link to where the file lies', async () => {
    await using home = await homeWith({ 'dotfiles/settings.json': ZED })
    await mkdir(home.at('config/zed'), { recursive: true })
    await symlink(home.at('dotfiles/settings.json'), home.at('config/zed/settings.json'))
    expect(await home.run('--from', 'zed', '--wire')).toMatchObject({ exitCode: 0 })
    expect(await readlink(home.at('config/zed/settings.json'))).toBe(home.at('dotfiles/settings.json'))
    expect(await home.read('dotfiles/settings.json')).toContain('pilot.cjs')
    await home.run('--from', 'zed', '--undo')
    expect(await home.read('dotfiles/settings.json')).toBe(ZED)
  })

  it.each([
    [['--wire'], 2, 'Say which client: --from claude|claude-code'],
    [['--undo'], 2, 'Say which client: --from claude|claude-code'],
    [['--wire', '--undo', '--from', 'zed'], 2, '--wire and --undo are opposites.'],
    [['--from', 'emacs'], 2, 'claude-code'],
    [['--from', 'windsurf', '--wire'], 78, 'That client has no configuration here'],
  ])('refuses %j', async (typed, exitCode, reason) => {
    await using home = await homeWith({})
    expect(await home.run(...typed)).toMatchObject({ exitCode, stderr: expect.stringContaining(reason) })
  })
})
