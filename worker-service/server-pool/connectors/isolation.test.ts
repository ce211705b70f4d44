import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readdir, realpath, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../../test/support/fixture-server.ts'
import { availableIsolations, superviseIn } from '../../../test/support/isolations.ts'
import type { StdioServerDefinition } from '../server-definition.ts'
import { Guardian } from './guardian.ts'
import { chooseIsolation } from './isolation.ts'
import { exitFromPidNamespace } from './pid-namespace.ts'
import { identify } from './process-table.ts'
import { createStdioConnector } from './stdio.ts'

const NEVER = new AbortController().signal
const QUICK = { inputEndMs: 50, termMs: 5_000, killMs: 5_000 }

function shell(script: string, overrides: Partial<StdioServerDefinition> = {}): StdioServerDefinition {
  return { ...fixtureServer('shell', overrides), command: 'sh', args: ['-c', script] }
}

describe.each(await availableIsolations())('a server isolated by %s', (mode) => {
  async function run(definition: StdioServerDefinition) {
    await using supervised = await superviseIn(mode)
    const open = createStdioConnector({ variables: process.env, supervision: supervised.supervision, graces: QUICK })
    await using connection = await open(definition, NEVER)
    return { end: await connection.closed, words: connection.lastWords() }
  }

  it.each([
    ['exit 0', { code: 0, signal: null }],
    ['exit 7', { code: 7, signal: null }],
    ['kill -TERM $$', { code: null, signal: 'SIGTERM' }],
    ['kill -KILL $$', { code: null, signal: 'SIGKILL' }],
    ['kill -INT $$', { code: null, signal: 'SIGINT' }],
  ])('is seen to end as it does: %s', async (script, end) => {
    expect((await run(shell(script))).end).toEqual({ kind: 'exited', ...end })
  })

  it('runs as the same user, in its folder, with a /proc that fits its number', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'isolation-'))
    const script =
      'id -u; pwd; read -r pid rest </proc/self/stat; test "$pid" = $$ && echo fits; ls -d /proc/$$ >/dev/null && echo there'
    const { words } = await run(shell(`{ ${script}; } >&2`, { cwd: folder.path }))
    expect(words).toEqual([String(process.getuid?.()), await realpath(folder.path), 'fits', 'there'])
  })

  it('ignores no signal that it would not ignore by itself', async () => {
    const { words } = await run(shell('grep SigIgn /proc/self/status >&2'))
    const direct = spawn('grep', ['SigIgn', '/proc/self/status'])
    const [chunk] = await once(direct.stdout, 'data')
    // Of the first 31: those above are the C library's own.
    const [ignored, byItself] = [words.join(), String(chunk)].map(
      (line) => Number.parseInt(line.trim().slice(-8), 16) & 0x7fffffff,
    )
    expect(ignored).toBe(byItself)
  })

  it('takes a command with an equals sign, and arguments of any kind', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'isolation-'))
    const command = join(folder.path, 'a=b')
    await symlink('/bin/echo', command)
    const definition = {
      ...fixtureServer('echo'),
      command: 'sh',
      args: ['-c', '"$0" "$@" >&2', command, "it's", '$HOME', '-n', '--'],
    }
    expect((await run(definition)).words).toEqual(["it's $HOME -n --"])
    const direct = { ...fixtureServer('echo'), command, args: ['x'] }
    expect((await run(direct)).end).toEqual({ kind: 'exited', code: 0, signal: null })
  })

  it('is ended by SIGTERM, without force', async () => {
    await using supervised = await superviseIn(mode)
    const graces = { inputEndMs: 10, termMs: 10_000, killMs: 0 }
    const open = createStdioConnector({ variables: process.env, supervision: supervised.supervision, graces })
    const connection = await open(shell('exec sleep 60'), NEVER)
    await connection[Symbol.asyncDispose]()
    await expect.poll(() => supervised.groups.left()).toEqual([])
  })

  it('is told apart when it is missing', async () => {
    await expect(run({ ...fixtureServer('x'), command: 'no-such-command' })).rejects.toThrow('there is no such command')
    await expect(run({ ...fixtureServer('x'), command: '/tmp' })).rejects.toThrow('not a program that may be run')
    await expect(run(shell('exit', { cwd: '/no/such' }))).rejects.toThrow('there is no folder "/no/such"')
  })

  it('leaves no descriptor and no process behind, however often it is started', async () => {
    await using supervised = await superviseIn(mode)
    const open = createStdioConnector({ variables: process.env, supervision: supervised.supervision })
    const startAndStop = async () => {
      await using connection = await open({ ...fixtureServer('cat'), command: 'cat', args: [] }, NEVER)
      connection.write('{}')
    }
    await startAndStop()
    const before = await descriptors()
    for (let i = 0; i < 50; i++) await startAndStop()
    await expect.poll(descriptors).toBeLessThanOrEqual(before)
    await expect.poll(() => supervised.groups.left()).toEqual([])
  })
})

async function descriptors(): Promise<number> {
  return (await readdir('/proc/self/fd')).length
}

describe('chooseIsolation', () => {
  const options = { marker: 'm', variables: process.env, spawn }

  it('is no more than process groups where nothing else is allowed, or to be had', async () => {
    using none = await chooseIsolation({ ...options, allowed: [] })
    using bare = await chooseIsolation({ ...options, variables: { PATH: '/no/such' } })
    expect([none.mode, bare.mode]).toEqual(['process-group', 'process-group'])
  })

  it('is a guardian where no namespace may be made', async () => {
    const refused = ((command: string, ...rest: [string[], object]) =>
      spawn(command.endsWith('setpriv') ? 'false' : command, ...rest)) as typeof spawn
    using isolation = await chooseIsolation({ ...options, spawn: refused })
    expect(isolation.mode).toBe('guardian')
  })

  it('reads a code over 128 as a signal only where there is such a signal', () => {
    expect(exitFromPidNamespace({ code: 143, signal: null })).toEqual({ code: null, signal: 'SIGTERM' })
    expect(exitFromPidNamespace({ code: 255, signal: null })).toEqual({ code: 255, signal: null })
    expect(exitFromPidNamespace({ code: null, signal: 'SIGKILL' })).toEqual({ code: null, signal: 'SIGKILL' })
  })
})

describe('a guardian', () => {
  it('is started anew when it is ended, and still knows whom it watches', async () => {
    const watched = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
    const exited = once(watched, 'exit')
    await once(watched, 'spawn')
    const guardian = new Guardian({ marker: `test-${performance.now()}`, variables: process.env, spawn })
    guardian.watch(identify(watched.pid ?? 0) ?? { pid: 0, startedAt: '' })
    const first = guardian.pid
    process.kill(first ?? Number.NaN, 'SIGKILL')
    await expect.poll(() => guardian.pid).toSatisfy((pid) => pid !== undefined && pid !== first)
    guardian[Symbol.dispose]()
    expect(await exited).toEqual([null, 'SIGKILL'])
  })

  it('spares a group that it was told to forget, and one whose leader is somebody else by now', async () => {
    const spared = [1, 2].map(() => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }))
    await Promise.all(spared.map((one) => once(one, 'spawn')))
    const [forgotten, other] = spared.map(({ pid = 0 }) => identify(pid) ?? { pid, startedAt: '' })
    const guardian = new Guardian({ marker: `test-${performance.now()}`, variables: process.env, spawn })
    for (const one of [forgotten, other])
      guardian.watch({ pid: one?.pid ?? 0, startedAt: one === other ? '1' : (one?.startedAt ?? '') })
    guardian.forget(forgotten?.pid ?? 0)
    const guardianPid = guardian.pid ?? 0
    guardian[Symbol.dispose]()
    await expect.poll(() => identify(guardianPid)).toBeUndefined()
    expect(spared.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null])
    for (const one of spared) one.kill('SIGKILL')
    expect(await Promise.all(spared.map((one) => once(one, 'exit')))).toEqual([
      [null, 'SIGKILL'],
      [null, 'SIGKILL'],
    ])
  })
})
