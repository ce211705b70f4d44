import { type ChildProcessByStdio, execFile, execFileSync, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { OwnWorker } from '../test/support/own-worker.ts'
import { runPilot } from '../test/support/run-pilot.ts'
import { PILOT } from '../test/support/worker-process.ts'

const args = [join(import.meta.dirname, '../test/fixtures/servers/typed.cjs')]
const command = process.execPath

let worker: OwnWorker
const run = (...typed: string[]) => runPilot(typed, { variables: worker.variables })

beforeAll(async () => {
  worker = await OwnWorker.start({
    pool: { maxSize: 1 },
    mcpServers: {
      typed: { command, args, maxMessageBytes: 2_048 },
      hasty: { command, args, callTimeoutMs: 1_000 },
      gone: { command: '/nowhere/at-all' },
    },
  })
})
afterAll(() => worker[Symbol.asyncDispose]())

describe('a command ends with', () => {
  it.each([
    ['0 where it is done', 0, ['typed', 'say', '--message', 'a'], ''],
    ['1 where the tool fails', 1, ['typed', 'fail'], 'It did not work.'],
    ['1 where the tool takes too long', 1, ['hasty', 'wait'], 'hasty did not answer tools/call in time.'],
    ['2 where an argument is wrong', 2, ['typed', 'say', '--count', 'x'], '--count must be a whole number'],
    ['2 where there is no such server', 2, ['nobody', 'say'], 'There is no server "nobody"'],
    ['65 where a message is too large', 65, ['typed', 'say', '--message', 'a'.repeat(4_096)], 'larger than'],
    ['69 where the server cannot be started', 69, ['gone', 'say'], 'server "gone"'],
  ])('%s', async (_, exitCode, typed, said) => {
    const ended = await run('call', ...typed)
    expect(ended).toMatchObject({ exitCode, stderr: expect.stringContaining(said) })
    expect(ended.stdout === '').toBe(exitCode !== 0)
  })

  it('75 where as many servers as may run are busy until the call has to end', async () => {
    const interruption = new AbortController()
    const waiting = runPilot(['call', 'typed', 'wait'], { variables: worker.variables, signal: interruption.signal })
    await vi.waitFor(async () => expect((await worker.status()).service.counts.in_flight).toBe(1))
    expect(await run('call', 'hasty', 'say', '--message', 'a')).toMatchObject({ exitCode: 75, stdout: '' })
    interruption.abort()
    expect(await waiting).toMatchObject({ exitCode: 130 })
  })

  it('77 where it may not ask', async () => {
    const variables = { ...worker.variables, WORKER_SERVICE_URL: worker.url, PILOTLIGHT_TOKEN: 'wrong' }
    expect(await runPilot(['status'], { variables })).toMatchObject({ exitCode: 77, stdout: '' })
  })

  it('78 where the environment or the configuration cannot be used', async () => {
    const variables = { ...worker.variables, WORKER_SERVICE_PORT: 'x' }
    expect(await runPilot(['doctor'], { variables })).toMatchObject({ exitCode: 78 })
  })
})

// There is none elsewhere.
describe.runIf(process.platform === 'linux')('a command that cannot write', () => {
  const LINES = ['--help', 'find --help', 'status', 'tools typed', 'call typed say --message hi', 'config check']

  /** What comes of a line of the shell in which "pilot" is the command: its exit code and its stderr. */
  async function shell(line: string): Promise<[exitCode: number, stderr: string]> {
    const pilot = `pilot() { "${process.execPath}" "${PILOT}" "$@"; }`
    const options = { env: { PATH: process.env.PATH, ...worker.variables } }
    const ended = promisify(execFile)('bash', ['-c', `${pilot}; ${line}`], options)
    return ended.then(
      ({ stderr }) => [0, stderr],
      ({ code, stderr }: { code: number; stderr: string }) => [code, stderr],
    )
  }

  it.each(LINES)('its output ends with 74 and one line (%s)', async (line) => {
    const said = 'pilot: The output could not be written: ENOSPC: no space left on device, write.\n'
    expect(await shell(`pilot ${line} > /dev/full`)).toEqual([74, said])
  })

  it('what a one-shot answers ends with the same', async () => {
    const oneShot = `"${process.execPath}" "${join(dirname(PILOT), 'one-shot.cjs')}"`
    const said = 'pilot: The output could not be written: ENOSPC: no space left on device, write.\n'
    expect(await shell(`echo no JSON | ${oneShot} > /dev/full`)).toEqual([74, said])
  })

  it.each(LINES)('to a reader that has gone ends without a word (%s)', async (line) => {
    expect(await shell(`pilot ${line} > >(true); exit $?`)).toEqual([0, ''])
  })

  it('all of it at once to a reader that goes meanwhile ends without a word', async () => {
    const path = join(worker.home.path, 'output')
    execFileSync('mkfifo', [path])
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writer = openSync(path, constants.O_WRONLY)
    // Node has a pipe not wait once it was asked for its stream; that it throws then says that it is full.
    const program = `process.stdout
try { for (;;) fs.writeSync(1, '.') } catch {}
require(${JSON.stringify(PILOT)}).main(['--help']).then(() => fs.writeSync(2, 'waits'))`
    const stdio: StdioOptions = ['ignore', writer, 'pipe']
    const pilot = spawn(process.execPath, ['-e', program], { stdio }) as ChildProcessByStdio<null, null, Readable>
    closeSync(writer)
    const ended = once(pilot, 'close')
    const [said] = await once(pilot.stderr.setEncoding('utf8'), 'data')
    let more = ''
    pilot.stderr.on('data', (text: string) => {
      more += text
    })
    closeSync(reader)
    expect([said, await ended, more]).toEqual(['waits', [0, null], ''])
  })

  it('its complaint ends as it would otherwise', async () => {
    expect(await shell('pilot bogus 2> /dev/full')).toEqual([2, ''])
    expect(await shell('pilot call gone say 2> /dev/full')).toEqual([69, ''])
  })
})
