import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { runPilot } from '../../test/support/run-pilot.ts'

const SERVERS = join(import.meta.dirname, '../../test/fixtures/servers')

let worker: OwnWorker
const run = (...args: string[]) => runPilot(args, { variables: worker.variables })

beforeAll(async () => {
  const typed = { command: process.execPath, args: [join(SERVERS, 'typed.cjs')] }
  worker = await OwnWorker.start({ mcpServers: { typed, gone: { command: '/nowhere/at-all' } } })
})
afterAll(() => worker[Symbol.asyncDispose]())

describe('pilot find', () => {
  it('prints a table of tools, best first', async () => {
    const { exitCode, stdout, stderr } = await run('find', 'answers', 'with', 'an', 'error', '--limit', '1')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^Score {2}Tool +Description\n +\d+\.\d {2}typed\/fail {2}Answers with an error\n$/)
  })

  it('prints the answer of find_tools with --json', async () => {
    const { stdout } = await run('find', 'say', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ status: 'success', details: { target_agent: null } })
  })

  it('says on stderr that nothing was found', async () => {
    const { exitCode, stdout, stderr } = await run('find', 'xylophone quartet', '--min-score', '99')
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toContain('No tool matches "xylophone quartet".')
  })

  it('ends with 2 and names what cannot be read', async () => {
    const { exitCode, stdout, stderr } = await run('find', 'say', '--limit', 'many')
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^pilot find: limit: .+\n$/)
  })

  it('asks a worker that somebody else runs', async () => {
    const variables = { ...worker.variables, XDG_RUNTIME_DIR: '/nowhere', WORKER_SERVICE_URL: worker.url }
    expect(await runPilot(['find', 'say'], { variables })).toMatchObject({ exitCode: 0, stderr: '' })
    const wrong = { ...variables, PILOTLIGHT_TOKEN: 'wrong' }
    expect(await runPilot(['tools', 'typed'], { variables: wrong })).toMatchObject({ exitCode: 77, stdout: '' })
  })
})

describe('pilot tools', () => {
  it('lists the tools of a server, escaped', async () => {
    const { exitCode, stdout, stderr } = await run('tools', 'typed')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^typed \(5\)\n {2}say +Gives back its arguments as JSON\n/)
    expect(stdout).toContain('Says \\u{1b}[31mred')
  })

  it('lists those of all servers, and says whose are not known', async () => {
    const { exitCode, stdout, stderr } = await run('tools')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('typed (5)')
    expect(stderr).toMatch(/^gone: its tools are not known: .+\n$/)
  })

  it('gives all that servers say with --json', async () => {
    expect(JSON.parse((await run('tools', 'typed', '--json')).stdout)).toMatchObject({
      tools: [{ name: 'say', inputSchema: { required: ['message'] } }, {}, {}, {}, {}],
    })
  })

  it('ends with 2 for a server there is not', async () => {
    expect(await run('tools', 'nobody')).toMatchObject({ exitCode: 2, stdout: '' })
  })
})
