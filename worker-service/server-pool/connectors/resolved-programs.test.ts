import { chmod, mkdir, mkdtempDisposable, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectFrames } from '../../../test/support/collect-frames.ts'
import { fixtureServer } from '../../../test/support/fixture-server.ts'
import { type ProgramNews, ResolvedPrograms } from './resolved-programs.ts'
import { createStdioConnector } from './stdio.ts'

const NEVER = new AbortController().signal
const INITIALIZE = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}'
const FIXTURES = join(import.meta.dirname, '../../../test/fixtures/servers')
const HOUR_MS = 3_600_000

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

/** A folder with an `npx` that notes each use, and a package in npm's cache that it starts. */
async function prepare(home: string, spec = '@acme/mcp') {
  const installed = join(home, '.npm/_npx/0123456789abcdef')
  const server = join(installed, 'node_modules/@acme/mcp/server.cjs')
  await put(join(installed, 'package.json'), JSON.stringify({ _npx: { packages: [spec] } }))
  const bin = { 'acme-mcp': 'server.cjs' }
  await put(join(dirname(server), 'package.json'), JSON.stringify({ name: '@acme/mcp', version: '1.0.0', bin }))
  await put(server, `#!/usr/bin/env node\nrequire(${JSON.stringify(join(FIXTURES, 'well-behaved.cjs'))})\n`)
  const runs = join(home, 'runs')
  const npx = join(home, 'bin/npx')
  await put(npx, `#!/bin/sh\necho "$@" >>${runs}\nexec node ${join(FIXTURES, 'well-behaved.cjs')}\n`)
  await chmod(npx, 0o755)
  await symlink(process.execPath, join(home, 'bin/node'))
  await put(runs, '')

  const news: ProgramNews[] = []
  const clock = { now: 0 }
  const options = { folder: join(home, 'programs'), now: () => clock.now, report: (one: ProgramNews) => news.push(one) }
  const variables = { HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` }
  const definition = { ...fixtureServer('acme'), command: 'npx', args: ['-y', spec, '--flag'] }
  const run = async (programs = new ResolvedPrograms(options)) => {
    await using connection = await createStdioConnector({ variables, programs })(definition, NEVER)
    const { next } = collectFrames(connection)
    connection.send(INITIALIZE).catch(() => {})
    return await Promise.race([next().then(() => 'answered'), connection.closed.then(({ kind }) => kind)])
  }
  const runnerUses = async () => (await readFile(runs, 'utf8')).split('\n').length - 1
  return {
    run,
    news,
    clock,
    server,
    runnerUses,
    programs: (max?: number) => new ResolvedPrograms({ ...options, ...(max !== undefined && { max }) }),
  }
}

const temporaryHome = () => mkdtempDisposable(join(tmpdir(), 'programs-'))

describe('an entry that uses npx', () => {
  it('pays for the runner once, also across restarts of the worker', async () => {
    await using home = await temporaryHome()
    const { run, news, server, runnerUses } = await prepare(home.path)
    expect(await run()).toBe('answered')
    await expect.poll(() => news).toEqual([{ kind: 'resolved', server: 'acme', runner: 'npx', file: server }])
    expect([await run(), await run()]).toEqual(['answered', 'answered'])
    expect(await runnerUses()).toBe(1)
  })

  it('runs as written when the program is gone, and says so', async () => {
    await using home = await temporaryHome()
    const { run, news, server, runnerUses } = await prepare(home.path)
    await run()
    await expect.poll(() => news.length).toBe(1)
    await rm(server)
    expect(await run()).toBe('answered')
    expect(news[1]).toEqual({ kind: 'fell-back', server: 'acme', runner: 'npx', reason: `${server} is gone` })
    expect(await runnerUses()).toBe(2)
  })

  it('runs as written from then on when the program ends without a word, and says so', async () => {
    await using home = await temporaryHome()
    const { run, news, server, runnerUses, programs } = await prepare(home.path)
    await run()
    await expect.poll(() => news.length).toBe(1)
    await writeFile(server, '#!/usr/bin/env node\nprocess.exit(1)\n')
    const known = programs()
    expect(await run(known)).toBe('exited')
    expect(news[1]).toMatchObject({ kind: 'fell-back', reason: 'it ended without a word' })
    expect([await run(known), await run(known)]).toEqual(['answered', 'answered'])
    expect(await runnerUses()).toBe(3)
  })

  it('asks the runner once a day, but never again for an exact version', async () => {
    await using home = await temporaryHome()
    await using other = await temporaryHome()
    for (const [place, spec, uses] of [
      [home.path, '@acme/mcp', 2],
      [other.path, '@acme/mcp@1.0.0', 1],
    ] as const) {
      const { run, news, clock, runnerUses } = await prepare(place, spec)
      await run()
      await expect.poll(() => news.length).toBe(1)
      clock.now = 25 * HOUR_MS
      await run()
      expect(await runnerUses()).toBe(uses)
    }
  })

  it('prefers the package that its folder has, as npx does', async () => {
    await using home = await temporaryHome()
    const { programs, news } = await prepare(home.path)
    const local = join(home.path, 'project/node_modules/@acme/mcp')
    await put(join(local, 'package.json'), JSON.stringify({ version: '3.0.0', bin: './main.cjs' }))
    await put(join(local, 'main.cjs'), '#!/bin/sh\n')
    const cwd = join(home.path, 'project/deeper')
    await mkdir(cwd)
    const definition = { ...fixtureServer('acme'), command: 'npx', args: ['@acme/mcp'], cwd }
    await programs().learn({ definition, environment: { HOME: home.path } })
    expect(news).toMatchObject([{ kind: 'resolved', file: join(local, 'main.cjs') }])
  })
})

/** An environment of uv that has mcp-server-git 1.2.0. */
async function putUvEnvironment(home: string): Promise<string> {
  const environment = join(home, '.cache/uv/archive-v0/abc')
  await put(join(environment, 'pyvenv.cfg'), '')
  await put(join(environment, 'bin/mcp-server-git'), '#!/bin/sh\n')
  await put(join(environment, 'lib/python3.12/site-packages/mcp_server_git-1.2.0.dist-info/METADATA'), '')
  return environment
}

describe('an entry that uses uvx', () => {
  it('is found in the newest environment of uv that has the package', async () => {
    await using home = await temporaryHome()
    const { programs } = await prepare(home.path)
    const environment = await putUvEnvironment(home.path)
    const known = programs()
    const find = async (spec: string) => {
      const definition = { ...fixtureServer('git'), command: 'uvx', args: [spec, '-v'] }
      const entry = { definition, environment: { HOME: home.path } }
      await known.learn(entry)
      return known.find(entry)
    }
    const program = { command: join(environment, 'bin/mcp-server-git'), args: ['-v'] }
    expect(await find('mcp-server-git')).toEqual(program)
    expect(await find('mcp-server-git@1.2.0')).toEqual(program)
    expect(await find('mcp-server-git@1.3.0')).toBeUndefined()
  })

  it('is forgotten when so many others were learned since that it may be configured no longer', async () => {
    await using home = await temporaryHome()
    const { programs } = await prepare(home.path)
    await putUvEnvironment(home.path)
    const known = programs(10)
    const entryWith = (arg: number) => ({
      definition: { ...fixtureServer('git'), command: 'uvx', args: ['mcp-server-git', `${arg}`] },
      environment: { HOME: home.path },
    })
    for (let arg = 0; arg < 30; arg++) await known.learn(entryWith(arg))
    expect((await readdir(join(home.path, 'programs'))).length).toBeLessThanOrEqual(10)
    expect(await known.find(entryWith(0))).toBeUndefined()
    expect(await known.find(entryWith(29))).toMatchObject({ args: ['29'] })
  })
})
