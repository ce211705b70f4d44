import { chmod, mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runPilot } from '../../test/support/run-pilot.ts'
import { createTemporaryHome } from '../../test/support/temporary-home.ts'

/** Runs the command as it ships, on a configuration of its own. */
async function check(files: Record<string, string>, ...typed: string[]) {
  await using home = await createTemporaryHome('/usr/bin')
  const folder = join(home.path, 'config/pilotlight')
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    // As bytes: a test may mean one that is in no text.
    await writeFile(join(folder, name), Buffer.from(text, 'latin1'), { mode: 0o600 })
  }
  if (files['mcp.open'] !== undefined) await chmod(join(folder, 'mcp.open'), 0o666)
  const paths = typed.map((word) => (files[word] === undefined ? word : join(folder, word)))
  const ended = await runPilot(['config', 'check', ...paths], { variables: home.variables })
  return { ...ended, stdout: ended.stdout.replaceAll(folder, '…') }
}

describe('pilot config check', () => {
  it('ends with 0 and names the servers where all is well', async () => {
    const mcpServers = { one: { command: 'a' }, far: { url: 'https://example.org' }, old: { disabled: true } }
    expect(await check({ 'mcp.json': JSON.stringify({ mcpServers }) })).toEqual({
      exitCode: 0,
      stdout: '…/mcp.json\n  ✔ one  stdio\n  ✔ far  http\n  – old  switched off\n\nAll is well: 3 servers.\n',
      stderr: '',
    })
  })

  it('ends with 78 and says what is wrong and odd, each with its place', async () => {
    const text = '{\n  "mcpServers": {\n    "a/b": { "command": "x", "arg": [] }\n  },\n  "pool": { "maxSize": 0 }\n}'
    const { exitCode, stdout } = await check({ 'mcp.json': text })
    expect(exitCode).toBe(78)
    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      '…/mcp.json',
      '',
      'Line  What',
      'error    3:5   server "a/b": a name has 1 to 40 letters, digits, "_", "-" or "."; rename it',
      'error    5:13  "pool.maxSize" must be a whole number from 1 to 1000000',
      'warning  3:30  server "a/b": "arg" is not known and is passed over; did you mean "args"?',
      '',
      '2 errors, 1 warning.',
      '',
    ])
  })

  it('tells a program the same', async () => {
    const text =
      'mcpServers:\n  one: { command: "${PILOTLIGHT_NOBODY_SETS}", env: { KEY: s3cret } }\n  far: { url: "ftp://s3cret" }\n'
    const { exitCode, stdout } = await check({ 'mcp.yaml': text }, '--json')
    expect(exitCode).toBe(78)
    expect(JSON.parse(stdout)).toEqual({
      path: '…/mcp.yaml',
      exists: true,
      servers: [
        { name: 'one', state: 'unusable' },
        { name: 'far', state: 'unusable' },
      ],
      errors: [{ line: 3, column: 3, text: 'server "far": its url is not an http:// or https:// URL' }],
      warnings: [{ line: 2, column: 3, text: expect.stringContaining('PILOTLIGHT_NOBODY_SETS not set; put a line') }],
    })
    expect(stdout).not.toContain('s3cret')
  })

  it('is not used where it is too large to be one', async () => {
    await using home = await createTemporaryHome('/usr/bin')
    const path = join(home.path, 'mcp.json')
    await writeFile(path, '')
    await truncate(path, 3 * 1024 ** 3)
    expect(await runPilot(['config', 'check', path], { variables: home.variables })).toMatchObject({
      exitCode: 78,
      stdout: expect.stringContaining('it is larger than 64 MB'),
    })
  })

  it('names all that is wrong at once, and what stands there twice', async () => {
    const broken = { a: {}, far: { url: 'ftp://x' }, lacking: { command: '${PILOTLIGHT_NOBODY_SETS}' } }
    const { stdout } = await check({ 'mcp.json': JSON.stringify({ mcpServers: broken }) }, '--json')
    const { errors, warnings } = JSON.parse(stdout) as Record<'errors' | 'warnings', { text: string }[]>
    expect(errors.map(({ text }) => text.split(': ')[0])).toEqual(['server "a"', 'server "far"'])
    expect(warnings.map(({ text }) => text.split(': ')[0])).toEqual(['server "lacking"'])
    expect(
      await check({ 'mcp.json': '{"mcpServers": {"a": {"command": "b"},\n "a": {"command": "c"}}}' }),
    ).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('2:2   "a" is there again; only the last one counts'),
    })
  })

  it('names servers whose sockets would be one', async () => {
    const mcpServers = { Memory: { command: 'a' }, memory: { command: 'b' } }
    expect(await check({ 'mcp.json': JSON.stringify({ mcpServers }) })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('servers "Memory" and "memory": their sockets have one name'),
    })
  })

  it.each([
    [{ 'mcp.json': '{}', 'mcp.toml': '' }, [], 'there is also mcp.toml beside it; keep one of them'],
    [{ 'mcp.open': '{}' }, ['mcp.open'], 'others can write to it; run "chmod go-w …/mcp.open"'],
    [{ 'mcp.json': '{' }, [], '1:2   close brace expected'],
    [{}, ['/dev/null'], 'it is not a file'],
    [{}, ['/nowhere/mcp.json'], 'There is no such file'],
    [{ 'mcp.json': '\n{"a": "\xff"}' }, [], '2:8   this is not UTF-8; save it as UTF-8'],
    [
      { 'mcp.yaml': 'mcpServers:\n  a: { command: b, args: [--port, 80] }' },
      [],
      '2:35  server "a": "args.1" must be a text',
    ],
  ] as const)('ends with 78 where it is not to be used: %j', async (files, typed, reason) => {
    expect(await check({ ...files }, ...typed)).toMatchObject({ exitCode: 78, stdout: expect.stringContaining(reason) })
  })

  it('says where there is none, and how to get one', async () => {
    const { exitCode, stdout } = await check({})
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^…\/mcp\.json\nThere is no such file, .*"pilot import"/),
    ])
  })
})
