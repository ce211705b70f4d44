import { execFile } from 'node:child_process'
import { chmod, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { runPilot } from '../test/support/run-pilot.ts'
import { createTemporaryHome } from '../test/support/temporary-home.ts'
import { PILOT } from '../test/support/worker-process.ts'

const CALL = ['call', 'typed', 'say', '--message', 'hi', '--direct']

async function home() {
  const made = await createTemporaryHome(process.env.PATH ?? '')
  const typed = join(import.meta.dirname, '../test/fixtures/servers/typed.cjs')
  const configPath = join(made.path, 'mcp.json')
  await writeFile(configPath, JSON.stringify({ mcpServers: { typed: { command: process.execPath, args: [typed] } } }), {
    mode: 0o600,
  })
  const code = join(made.path, 'cache/pilotlight/code/call')
  return {
    code,
    call: (args = CALL) => runPilot(args, { variables: { ...made.variables, PILOTLIGHT_CONFIG: configPath } }),
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  }
}

const SAID = { exitCode: 0, stdout: '{"message":"hi"}\n', stderr: '' }

describe('a quick command', () => {
  it('keeps what was compiled of it, and runs from that', async () => {
    await using own = await home()
    expect(await own.call()).toEqual(SAID)
    const [file = ''] = await readdir(own.code)
    const { ino } = await stat(join(own.code, file))
    expect(await own.call()).toEqual(SAID)
    expect((await stat(join(own.code, file))).ino).toBe(ino)
  })

  it('keeps nothing of one that failed', async () => {
    await using own = await home()
    expect(await own.call(['call', 'typed', 'fail', '--direct'])).toMatchObject({ exitCode: 1 })
    await expect(readdir(own.code)).rejects.toThrow('ENOENT')
  })

  it('runs all the same where nothing can be kept', async () => {
    await using own = await home()
    await own.call()
    await chmod(own.code, 0o777)
    expect(await own.call()).toEqual(SAID)
  })
})

describe('any other command', () => {
  it('keeps its compiled code where nobody else can put some, whatever the umask', async () => {
    await using made = await createTemporaryHome(process.env.PATH ?? '')
    const line = `umask 000; exec "${process.execPath}" "${PILOT}" --version`
    await promisify(execFile)('sh', ['-c', line], { env: { ...made.variables } })
    const modeOf = async (folder: string) => (await stat(join(made.path, folder))).mode & 0o777
    const modes = ['cache', 'cache/pilotlight', 'cache/pilotlight/compile-cache'].map(modeOf)
    expect(await Promise.all(modes)).toEqual([0o700, 0o700, 0o700])
  })

  it('does without where that cannot be had', async () => {
    await using made = await createTemporaryHome(process.env.PATH ?? '')
    // There every folder is said not to be there, also one whose parent is.
    const ended = await runPilot(['--version'], { variables: { ...made.variables, XDG_CACHE_HOME: '/proc/none' } })
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' })
  })
})
