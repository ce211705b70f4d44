import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { statusSchema } from '../../shared/contracts/server-status.ts'
import { readEnvironment } from '../../shared/environment.ts'
import { grpcSocketPath } from '../../shared/server-socket.ts'
import { GrpcCaller } from '../../test/support/grpc-caller.ts'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { runPilot } from '../../test/support/run-pilot.ts'
import { PILOT } from '../../test/support/worker-process.ts'
import { NO_SERVERS } from '../servers/no-servers.ts'

const TYPED = join(import.meta.dirname, '../../test/fixtures/servers/typed.cjs')
const NO_WORKER = { XDG_RUNTIME_DIR: '/nowhere', XDG_CACHE_HOME: '/nowhere', PILOTLIGHT_CONFIG: '/nowhere/mcp.json' }

let worker: OwnWorker
const run = (...args: string[]) => runPilot(args, { variables: worker.variables })

beforeAll(async () => {
  const one = { command: process.execPath, args: [TYPED], keepAliveMinutes: 60 }
  worker = await OwnWorker.start({
    mcpServers: { one, two: { ...one, maxClients: 7 }, gone: { command: '/nowhere/x' } },
  })
})
afterAll(() => worker[Symbol.asyncDispose]())

/** Runs a command that has no end of its own until it has said what is looked for, and interrupts it. */
async function runUntil(sought: RegExp, ...args: string[]) {
  const child = spawn(process.execPath, [PILOT, ...args], { env: { ...worker.variables } })
  const closed = once(child, 'close') as Promise<[number | null]>
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (sought.test(stdout)) child.kill('SIGINT')
  })
  const [exitCode] = await closed
  return { exitCode, stdout }
}

/** Does something again and again until something else is done. */
async function meanwhile<Value>(done: Promise<Value>, act: () => Promise<unknown>): Promise<Value> {
  const over = new AbortController()
  const end = () => over.abort()
  done.then(end, end)
  while (!over.signal.aborted) await act()
  return done
}

describe.each([[['status']], [['service', 'status']]])('pilot %j', (words) => {
  it('has a row for each server, with why it is as it is and what happens next', async () => {
    await run('call', 'one', 'say', '--message', 'hi')
    const { exitCode, stdout, stderr } = await run(...words)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(
      /^pilotlight \S+ · process \d+ · up \d+s · \d of 3 servers running · 0 clients · 0 calls in flight · .+\n\n/,
    )
    expect(stdout).toMatch(/\nServer +State +Clients +In flight +Calls +Restarts +Uptime +Why\n/)
    expect(stdout).toMatch(/\none +ready +0\/5 +0 +[1-9]\d* +0 +\d+s +It is needed\. .+\n/)
    expect(stdout).toMatch(/\ntwo +\w+ +0\/7 /)
    expect(stdout).toMatch(/\ngone +\S+ +0\/5 +0 +0 +\d+ +not started +.+/)
  })

  it('is the status of the worker with --json, of the servers that are meant', async () => {
    const { stdout } = await run(...words, '--json', '--except', 'gone,two')
    expect(statusSchema.parse(JSON.parse(stdout)).servers.map(({ name }) => name)).toEqual(['one'])
  })
})

describe('pilot status', () => {
  it.each([
    [['two'], ['two']],
    [
      ['two', 'one'],
      ['one', 'two'],
    ],
    [['--only', 'two'], ['two']],
    [['--only', 'two,one', '--except', 'one'], ['two']],
  ])('is of these servers: %j', async (typed, names) => {
    const { stdout } = await run('status', '--json', ...typed)
    expect((JSON.parse(stdout) as { servers: { name: string }[] }).servers.map(({ name }) => name)).toEqual(names)
  })

  it.each([[['twoo']], [['--only', 'twoo']], [['--except', 'twoo']]])('refuses %j with 2', async (typed) => {
    const stderr = 'pilot status: There is no server "twoo". Did you mean two?\n'
    expect(await run('status', ...typed)).toEqual({ exitCode: 2, stdout: '', stderr })
  })

  it('shows what changes with --watch until it is interrupted', async () => {
    await run('call', 'two', 'say', '--message', 'hi')
    const watching = runUntil(/"calls":(\d+)[^]*"calls":(?!\1\D)/, 'status', 'two', '-w', '--json')
    const { exitCode, stdout } = await meanwhile(watching, () => run('call', 'two', 'say', '--message', 'hi'))
    expect(exitCode).toBe(130)
    const [first = ''] = stdout.split('\n')
    expect(JSON.parse(first)).toMatchObject({ servers: [{ name: 'two' }] })
  })

  it('says of a server that has an entry or a name that cannot be used why, and serves the others', async () => {
    const one = { command: process.execPath, args: [TYPED] }
    const mcpServers = { one, ' a/b\u202e': one, torn: { command: 'x', url: 'http://x' } }
    await using other = await OwnWorker.start({ mcpServers })
    const typed = (...args: string[]) => runPilot(args, { variables: other.variables })
    const { stdout } = await typed('status')
    expect(stdout).toMatch(/\n" a\/b\\u\{202e\}" +disabled +.* A name has 1 to 40 letters/)
    expect(stdout).toMatch(/\ntorn +disabled +.* It has both "command" and "url"; keep one of them\./)
    expect(await typed('call', 'one', 'say', '--message', 'hi')).toMatchObject({ exitCode: 0 })
    expect(await typed('call', 'torn', 'say')).toMatchObject({
      exitCode: 69,
      stderr: expect.stringContaining('server "torn": it has both "command" and "url"'),
    })
    expect(await typed('service', 'start', ' a/b\u202e')).toMatchObject({
      exitCode: 69,
      stderr: '" a/b\\u{202e}": a name has 1 to 40 letters, digits, "_", "-" or "."; rename it\n',
    })
    expect(await typed('service', 'logs', ' a/b\u202e')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(await typed('service', 'logs', ' a/b\u202e', '-f')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    using grpc = new GrpcCaller(grpcSocketPath(readEnvironment(other.variables).folders.runtime))
    expect(await grpc.call('pilotlight.v1.Pool/Logs', { server: ' a/b\u202e' })).toMatchObject({
      status: 'UNAVAILABLE',
      body: { code: 'server_unavailable' },
    })
    const report = await typed('doctor')
    expect(report.stdout).toContain('\n✗ server " a/b\\u{202e}": a name has 1 to 40 letters')
    expect(report.stdout).toContain('\n✗ server torn: it has both "command" and "url"')
    expect(report.stdout).toMatch(/\n✓ server one: started/)
  })

  it('says why the configuration that lies there is not in use, until it can be', async () => {
    await using other = await OwnWorker.start({ mcpServers: {} })
    const says = async (what: unknown) => {
      const { stdout } = await runPilot(['status'], { variables: other.variables })
      expect(stdout.split('\n').slice(1, 4)).toEqual(what)
    }
    await writeFile(other.configPath, '{"mcpServers": 1}')
    const why = [
      `The configuration ${other.configPath} is not usable:`,
      '- line 1:2: "mcpServers" must be an object of servers by their names',
      'What was in use before stays so.',
    ]
    await vi.waitFor(() => says(why))
    await writeFile(other.configPath, '{}')
    await vi.waitFor(() => says(['', NO_SERVERS, '']))
  })

  it('says of each server in use whose entry has a mistake now that it stays as it was, once', async () => {
    const one = { command: process.execPath, args: [TYPED] }
    await using other = await OwnWorker.start({ mcpServers: { one, two: one } })
    await writeFile(other.configPath, JSON.stringify({ mcpServers: { one: { command: '' }, two: {} } }))
    await vi.waitFor(async () => {
      const { stdout } = await runPilot(['status'], { variables: other.variables })
      expect(stdout.split('\n').slice(1, 4)).toEqual([
        'one stays as it was: "command" must be a text that is not empty.',
        'two stays as it was: it has neither "command" nor "url"; add the one that reaches the server.',
        '',
      ])
    })
  })

  it('ends with 69 and says how to start a worker where none runs', async () => {
    const stderr = 'No worker runs for /nowhere/mcp.json. "pilot service start" starts one.\n'
    const ended = { exitCode: 69, stdout: '', stderr: expect.stringContaining(stderr) }
    expect(await runPilot(['status'], { variables: NO_WORKER })).toEqual(ended)
    expect(await runPilot(['status', '--watch'], { variables: NO_WORKER })).toEqual(ended)
  })
})

describe('pilot service health', () => {
  it.each([
    [['one'], 0, ''],
    [['--only', 'one,two'], 0, ''],
    [['--except', 'gone'], 0, ''],
    [['nobody'], 2, 'pilot service health: There is no server "nobody". There are: gone, one, two.\n'],
  ])('of the servers %j ends with %i', async (typed, exitCode, stderr) => {
    expect(await run('service', 'health', ...typed)).toEqual({ exitCode, stdout: '', stderr })
  })

  it('names each server that is not well, with 69', async () => {
    const one = { command: process.execPath, args: [TYPED] }
    const missing = { command: '/nonexistent/program' }
    await using other = await OwnWorker.start({ mcpServers: { one, 'a b': one, torn: {}, missing } })
    await expect.poll(async () => (await other.row('missing')).state).toBe('failed')
    const { why } = await other.row('missing')
    expect(why).toContain('/nonexistent/program')
    const typed = ['service', 'health', 'one', 'a b', 'torn', 'missing']
    expect(await runPilot(typed, { variables: other.variables })).toEqual({
      exitCode: 69,
      stdout: '',
      stderr:
        '"a b": disabled: a name has 1 to 40 letters, digits, "_", "-" or "."; rename it\n' +
        `missing: failed: ${why}\n` +
        'torn: disabled: it has neither "command" nor "url"; add the one that reaches the server\n',
    })
  })
})

describe('pilot service logs', () => {
  it('prints the last lines of each server behind its name', async () => {
    await run('call', 'one', 'say', '--message', 'hi')
    const { exitCode, stdout } = await run('service', 'logs', 'one', 'gone', '--lines', '2')
    expect(exitCode).toBe(0)
    const prefixes = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('│')[0])
    expect(new Set(prefixes)).toEqual(new Set(['one  ', 'gone ']))
    expect(stdout).toMatch(/^one {2}│ \S+ pilotlight: ready after \d+ ms$/m)
  })

  it('goes on with what is added with --follow', async () => {
    const following = runUntil(/pilotlight: stopped[^]+pilotlight: ready/, 'service', 'logs', 'two', '-f', '-n', '0')
    expect((await meanwhile(following, () => worker.post('/servers/two/restart'))).exitCode).toBe(130)
  })

  it.each([
    [['nobody'], 'There is no server "nobody"'],
    [['--lines', 'many'], 'lines: '],
  ])('refuses %j with 2', async (typed, problem) => {
    const ended = { exitCode: 2, stdout: '', stderr: expect.stringContaining(problem) }
    expect(await run('service', 'logs', ...typed)).toEqual(ended)
  })
})

describe('pilot tools accept', () => {
  it('accepts what a server lists', async () => {
    expect(await run('tools', 'accept', 'one')).toEqual({
      exitCode: 0,
      stdout: 'The tools of one are accepted.\n',
      stderr: '',
    })
  })

  it.each([
    [['nobody'], 2],
    [['gone'], 69],
    [[], 2],
  ])('ends for %j with %i', async (typed, exitCode) => {
    expect(await run('tools', 'accept', ...typed)).toMatchObject({ exitCode, stdout: '' })
  })
})
