import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { OwnWorker } from '../test/support/own-worker.ts'
import { runPilot } from '../test/support/run-pilot.ts'

const args = [join(import.meta.dirname, '../test/fixtures/servers/typed.cjs')]
const command = process.execPath

let worker: OwnWorker
const run = (...typed: string[]) => runPilot(typed, { variables: worker.variables })

beforeAll(async () => {
  worker = await OwnWorker.start({
    pool: { maxSize: 1, callTimeoutMs: 1_000 },
    mcpServers: {
      typed: { command, args, maxMessageBytes: 2_048 },
      patient: { command, args, callTimeoutMs: 60_000 },
      gone: { command: '/nowhere/at-all' },
    },
  })
})
afterAll(() => worker[Symbol.asyncDispose]())

describe('a command ends with', () => {
  it.each([
    ['0 where it is done', 0, ['typed', 'say', '--message', 'a'], ''],
    ['1 where the tool fails', 1, ['typed', 'fail'], 'It did not work.'],
    ['1 where the tool takes too long', 1, ['typed', 'wait'], 'typed did not answer tools/call in time.'],
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
    const waiting = runPilot(['call', 'patient', 'wait'], { variables: worker.variables, signal: interruption.signal })
    await vi.waitFor(async () => expect((await worker.status()).service.counts.in_flight).toBe(1))
    expect(await run('call', 'typed', 'say', '--message', 'a')).toMatchObject({ exitCode: 75, stdout: '' })
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
