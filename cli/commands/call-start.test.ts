import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import { BackgroundHome } from '../../test/support/background-home.ts'
import { commandOf, processesMentioning } from '../../test/support/processes.ts'
import { runPilot } from '../../test/support/run-pilot.ts'
import { PILOT } from '../../test/support/worker-process.ts'

const TYPED = join(import.meta.dirname, '../../test/fixtures/servers/typed.cjs')
const SAY = ['call', 'typed', 'say', '--message', 'hi']
const SAID = '{"message":"hi"}\n'

interface Home {
  home: BackgroundHome
  variables: Record<string, string>
}

/** A home with one server, of which nothing is known and for which no worker runs. */
async function createHome(): Promise<Home & AsyncDisposable> {
  const home = await BackgroundHome.create()
  const configPath = join(home.path, 'mcp.json')
  const typed = { command: process.execPath, args: [TYPED, join(home.path, 'sign')] }
  await writeFile(configPath, JSON.stringify({ mcpServers: { typed } }), { mode: 0o600 })
  const variables = { ...home.variables, PILOTLIGHT_CONFIG: configPath }
  return { home, variables, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() }
}

describe('a command that needs the worker', () => {
  it('starts one where none runs, once however many begin at once, and says so on stderr', async () => {
    await using own = await createHome()
    const { variables } = own
    const ended = await Promise.all([SAY, SAY, SAY].map((args) => runPilot(args, { variables })))
    for (const { exitCode, stdout } of ended) expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: SAID })
    expect(ended.filter(({ stderr }) => /^pilot: started the worker \(process \d+, .+\)\n$/.test(stderr))).toHaveLength(
      1,
    )
    expect(own.home.workers()).toHaveLength(1)
    expect(await runPilot(SAY, { variables })).toEqual({ exitCode: 0, stdout: SAID, stderr: '' })
  })

  it('starts another where the one before was killed, and says so in one line', async () => {
    await using own = await createHome()
    const { variables, home } = own
    await runPilot(['tools'], { variables })
    await home.killWorkers()
    const { exitCode, stdout, stderr } = await runPilot(SAY, { variables })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: SAID })
    expect(stderr).toMatch(/^pilot: the worker \(process \d+\) had ended without a word; started another \(.+\)\n$/)
  })

  it('is followed from one worker to the next, each line once, though one is killed', async () => {
    await using own = await createHome()
    const { variables, home } = own
    await runPilot(SAY, { variables })
    const following = spawn(process.execPath, [PILOT, 'service', 'logs', 'typed', '--follow'], {
      env: { ...variables },
    })
    const exited = once(following, 'exit') as Promise<[number | null]>
    const complaints = text(following.stderr)
    const lines: string[] = []
    createInterface(following.stdout).on('line', (line) => lines.push(line))
    const ready = () => lines.filter((line) => line.includes('pilotlight: ready'))
    await vi.waitFor(() => expect(ready()).toHaveLength(1))
    await home.killWorkers()
    await runPilot(SAY, { variables })
    await vi.waitFor(() => expect(ready()).toHaveLength(2))
    following.kill('SIGINT')
    const [exitCode] = await exited
    expect(new Set(lines).size).toBe(lines.length)
    const said = { exitCode: 130, complaints: 'The worker is gone. Looking for the next one.\n' }
    expect({ exitCode, complaints: await complaints }).toEqual(said)
  })

  it('runs the servers in its own process where none can be started, and says so', async () => {
    await using own = await createHome()
    const variables = { ...own.variables, WORKER_AUTO_START: 'false' }
    const { exitCode, stdout, stderr } = await runPilot(SAY, { variables })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: SAID })
    expect(stderr).toMatch(/^pilot: .+ The servers run in this process instead, as with --direct\.\n$/)
    expect(own.home.workers()).toEqual([])
  })

  it('acts on the servers that are named, and on nobody else', async () => {
    await using own = await createHome()
    const run = (...args: string[]) => runPilot(args, own)
    expect(await run('service', 'start', 'typed')).toMatchObject({ exitCode: 0, stdout: 'typed: ready\n' })
    expect(await run('service', 'restart', '--only', 'typed')).toMatchObject({ exitCode: 0, stdout: 'typed: ready\n' })
    expect(await run('service', 'stop', 'typed')).toEqual({ exitCode: 0, stdout: 'typed: cold\n', stderr: '' })
    expect(await run('service', 'stop', '--except', 'typed')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(await run('service', 'stop', 'tiped')).toMatchObject({ exitCode: 2, stdout: '' })
    expect(own.home.workers()).toHaveLength(1)
  })
})

describe('pilot --direct', () => {
  const DIRECT = [...SAY, '--direct']

  it('finds, lists and calls as the worker does, with no worker, and leaves nothing running', async () => {
    await using own = await createHome()
    const run = (...args: string[]) => runPilot(args, own)
    expect(await run(...DIRECT, '--then', 'typed', 'say', '--message', 'hi')).toEqual({
      exitCode: 0,
      stdout: SAID + SAID,
      stderr: '',
    })
    expect(await run('tools', 'typed', '--direct')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('(5)'),
    })
    expect(await run('find', 'answers with an error', '--direct', '--json')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('typed/fail'),
    })
    await expect.poll(() => processesMentioning(own.home.path)).toEqual([])
  })

  it('types arguments, and ends as with the worker where they are wrong or the tool fails', async () => {
    await using own = await createHome()
    const run = (...args: string[]) => runPilot(args, own)
    const wrong = await run('call', 'typed', 'say', '--count', 'x', '--direct')
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('--count must be a whole') })
    expect(await run('call', 'typed', 'fail', '--direct')).toMatchObject({ exitCode: 1, stderr: 'It did not work.\n' })
    expect(await run('call', 'nobody', 'x', '--direct')).toMatchObject({ exitCode: 2, stdout: '' })
    expect(await run('find', 'x', '--limit', 'y', '--direct')).toMatchObject({ exitCode: 2, stdout: '' })
    await expect.poll(() => processesMentioning(own.home.path)).toEqual([])
  })

  it('ends its servers when it is interrupted', async () => {
    await using own = await createHome()
    const interrupt = new AbortController()
    const ended = runPilot(['call', 'typed', 'wait', '--direct'], { ...own, signal: interrupt.signal })
    const hasServer = () => processesMentioning(own.home.path).some((pid) => commandOf(pid).includes('typed.cjs'))
    await vi.waitFor(() => expect(hasServer()).toBe(true))
    interrupt.abort()
    expect((await ended).exitCode).toBe(130)
    await expect.poll(() => processesMentioning(own.home.path)).toEqual([])
  })
})
