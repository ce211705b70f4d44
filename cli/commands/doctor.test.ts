import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startEmbeddingsServer } from '../../test/fixtures/embeddings/embeddings-server.ts'
import { BackgroundHome } from '../../test/support/background-home.ts'
import { fixtureEntry } from '../../test/support/fixture-server.ts'
import { runPilot } from '../../test/support/run-pilot.ts'
import type { Finding } from '../../worker-service/doctor.ts'

async function configure({ environment: { configPath } }: BackgroundHome, text: string): Promise<void> {
  await mkdir(dirname(configPath), { recursive: true })
  await writeFile(configPath, text, { mode: 0o600 })
}

async function examine({ variables }: BackgroundHome, more: Readonly<Record<string, string>> = {}) {
  const { exitCode, stdout, stderr } = await runPilot(['doctor', '--json'], { variables: { ...variables, ...more } })
  const findings = JSON.parse(stdout) as Finding[]
  return { exitCode, stderr, findings, about: (what: string) => findings.find(({ about }) => about === what) }
}

describe('pilot doctor', () => {
  it('ends with 0 where all is well, each server started', async () => {
    await using home = await BackgroundHome.create()
    const mcpServers = Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [`s${at}`, fixtureEntry('well-behaved')]),
    )
    await configure(home, JSON.stringify({ mcpServers }))
    const { exitCode, stderr, findings, about } = await examine(home)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([])
    for (let at = 0; at < 6; at++) expect(about(`server s${at}`)?.says).toMatch(/^started in \d+\.\d s$/)
    expect(about('port')?.says).toBe(`127.0.0.1:${home.port} is free`)
    expect(about('worker')?.says).toBe('none runs')
    expect(about('isolation')).toBeDefined()
    expect(home.workers()).toEqual([])
  })

  it('asks the endpoint for embeddings where there is one, which is never more than a warning', async () => {
    await using home = await BackgroundHome.create()
    await using endpoint = await startEmbeddingsServer({ apiKey: 'sk-right' })
    const asWith = async (key: string) => {
      const found = await examine(home, {
        EMBEDDINGS_URL: endpoint.url,
        EMBEDDINGS_MODEL: 'small',
        OPENAI_API_KEY: key,
      })
      expect(found.exitCode).toBe(0)
      return found.about('embeddings')
    }
    expect(await asWith('sk-right')).toMatchObject({ state: 'ok', says: `${endpoint.url}, small, 384 dimensions` })
    const refused = await asWith('sk-wrong')
    expect(refused).toMatchObject({ state: 'warning', says: expect.stringContaining('is OPENAI_API_KEY right?') })
    expect(JSON.stringify(refused)).not.toContain('sk-wrong')
  })

  it('names what is wrong, with what to do, and ends with 1', async () => {
    await using home = await BackgroundHome.create()
    const dead = { command: process.execPath, args: ['-e', 'console.error("no key"); process.exit(3)'] }
    const mcpServers = { dead, unset: { command: 'x', env: { KEY: '${NOT_SET_ANYWHERE}' } } }
    await configure(home, JSON.stringify({ mcpServers, servce: {} }))
    const { runtime } = home.environment.folders
    await mkdir(runtime, { recursive: true, mode: 0o700 })
    await writeFile(join(runtime, 'token'), 'known to all', { mode: 0o644 })
    await chmod(join(runtime, 'token'), 0o644)
    const taken = createServer()
    await once(taken.listen(home.port, '127.0.0.1'), 'listening')
    const { exitCode, about } = await examine(home)
    taken.close()
    expect(exitCode).toBe(1)
    expect(about('server dead')).toMatchObject({
      state: 'error',
      says: expect.stringContaining('Its last lines: no key'),
    })
    expect(about('server unset')).toMatchObject({ state: 'error', says: expect.stringContaining('NOT_SET_ANYWHERE') })
    expect(about('token')).toMatchObject({ state: 'error', remedy: expect.stringContaining('rm ') })
    expect(about('port')).toMatchObject({ state: 'warning', remedy: expect.stringContaining('service.port') })
  })

  it('names a folder that is not there and cannot be made', async () => {
    await using home = await BackgroundHome.create()
    const { about } = await examine(home, { XDG_STATE_HOME: '/dev/null' })
    expect(about('state folder')).toMatchObject({
      state: 'error',
      says: '/dev/null/pilotlight cannot be made, since nothing can be written in /dev/null',
    })
  })

  it('names the mistakes of a configuration that cannot be read', async () => {
    await using home = await BackgroundHome.create()
    await configure(home, '{"mcpServers": {"a": {}}')
    const { exitCode, about } = await examine(home)
    expect(exitCode).toBe(1)
    expect(about('configuration')).toMatchObject({ state: 'error', remedy: 'Run "pilot config check".' })
  })

  it('tells of a worker that runs, of one that was killed and of one that hangs', async () => {
    await using home = await BackgroundHome.create()
    const { record } = await home.start()
    const pid = record?.pid ?? 0
    expect((await examine(home)).about('worker')).toMatchObject({
      state: 'ok',
      says: expect.stringContaining(`process ${pid},`),
    })
    process.kill(pid, 'SIGSTOP')
    expect((await examine(home)).about('worker')).toMatchObject({ state: 'error', remedy: 'Run "pilot service stop".' })
    await home.killWorkers()
    expect((await examine(home)).about('worker')?.says).toMatch(
      new RegExp(`^none runs; the last \\(process ${pid}, .*\\) was killed$`),
    )
  })

  it('is read by people, one line for each finding', async () => {
    await using home = await BackgroundHome.create()
    const { exitCode, stdout } = await runPilot(['doctor'], { variables: home.variables })
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`✓ Node: ${process.version} on ${process.platform}\n`)
    expect(stdout).toContain(
      `! configuration: there is no ${home.environment.configPath}, so there are no servers\n    Write one`,
    )
  })
})
