import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../../shared/environment.ts'
import { runPilot } from '../../test/support/run-pilot.ts'
import { createTemporaryHome } from '../../test/support/temporary-home.ts'
import { PILOT } from '../../test/support/worker-process.ts'
import { defineService } from '../service-definition.ts'

const PROGRAM = ['/opt/my node/node', '/opt/pilot.cjs']
const ODD_PATH = '/a b/50% "$x" & <é>\\.json'
const READ_PLIST = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.argv[1].encode())))'

function define(platform: NodeJS.Platform, variables: Record<string, string> = {}, program = PROGRAM) {
  const all = { HOME: '/home/me', XDG_CONFIG_HOME: '/home/me/.config', PATH: '/bin', ...variables }
  return defineService({ environment: readEnvironment(all), variables: all, platform, program })
}

function has(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, program)))
}

const run = promisify(execFile)

describe.skipIf(process.platform !== 'linux')('pilot service install and uninstall', () => {
  it('write a user unit once, say how to enable it, and remove it', async () => {
    await using home = await createTemporaryHome('/bin:/usr/bin')
    const path = join(home.path, 'config/systemd/user/pilotlight.service')
    const pilot = (command: string) => runPilot(['service', command], { variables: home.variables })
    const first = await pilot('install')
    expect(first).toMatchObject({ exitCode: 0, stderr: '' })
    expect(first.stdout).toContain(`Wrote ${path}.\n`)
    // Its manager need not know of a folder for configurations other than the usual one.
    expect(first.stdout).toContain(`systemctl --user daemon-reload && systemctl --user enable --now '${path}'\n`)
    const text = await readFile(path, 'utf8')
    expect(text).toContain(
      `ExecStart="${process.execPath}" "${PILOT}" "service" "run" "--config" "${home.path}/config/pilotlight/mcp.json"\n`,
    )
    expect(text).toContain('Environment="PATH=/bin:/usr/bin"\n')
    for (const [name, folder] of Object.entries({ CONFIG: 'config', STATE: 'state', CACHE: 'cache' })) {
      expect(text).toContain(`Environment="XDG_${name}_HOME=${home.path}/${folder}"\n`)
    }
    expect((await pilot('install')).stdout).toContain(`There is already ${path}.\n`)

    const link = join(dirname(path), 'default.target.wants/pilotlight.service')
    await mkdir(dirname(link))
    await symlink(path, link)
    expect((await pilot('uninstall')).stdout).toContain(`Removed ${path}.\n`)
    await expect(readlink(link)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await pilot('uninstall')).toEqual({ exitCode: 0, stderr: '', stdout: `There is no ${path}.\n` })
  })

  it.each(['install', 'uninstall'])('%s leaves alone a unit that somebody else wrote', async (command) => {
    await using home = await createTemporaryHome('/bin')
    const path = join(home.path, 'config/systemd/user/pilotlight.service')
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '[Unit]\n')
    const { exitCode, stderr } = await runPilot(['service', command], { variables: home.variables })
    expect(exitCode).toBe(77)
    expect(stderr).toContain(path)
    expect(await readFile(path, 'utf8')).toBe('[Unit]\n')
  })
})

describe('the definition of the service', () => {
  it('quotes for systemd what would mean something there', () => {
    const { text } = define('linux', { PILOTLIGHT_CONFIG: '/a b/50% "$x".json' })
    expect(text).toContain(
      'ExecStart="/opt/my node/node" "/opt/pilot.cjs" "service" "run" "--config" "/a b/50%% \\"$$x\\".json"',
    )
  })

  it('is enabled by its name where the service manager looks for it', () => {
    const { enable, path } = define('linux')
    expect(path).toBe('/home/me/.config/systemd/user/pilotlight.service')
    expect(enable).toEqual(['systemctl --user daemon-reload && systemctl --user enable --now pilotlight'])
  })

  it('has a name of its own for each configuration', () => {
    const path = define('linux', { PILOTLIGHT_CONFIG: '/other.json' }).path
    expect(path).toMatch(/\/pilotlight-[0-9a-f]{16}\.service$/)
  })

  it.skipIf(!has('systemd-analyze'))('is what systemd takes without a complaint, whatever the paths', async () => {
    await using home = await createTemporaryHome('/bin')
    const path = join(home.path, 'pilotlight.service')
    await writeFile(path, define('linux', { PILOTLIGHT_CONFIG: ODD_PATH }, [process.execPath, PILOT]).text)
    const verified = await run('systemd-analyze', ['--user', 'verify', path], { env: home.variables })
    expect(verified).toEqual({ stdout: '', stderr: '' })
  })

  it.skipIf(!has('python3'))(
    'is a property list that says the same to whoever reads it, whatever the paths',
    async () => {
      const { text } = define('darwin', { PILOTLIGHT_CONFIG: ODD_PATH, PATH: '/bin:/<&>' })
      const { stdout } = await run('python3', ['-c', READ_PLIST, text])
      expect(JSON.parse(stdout)).toMatchObject({
        Label: expect.stringMatching(/^pilotlight\.worker-/),
        ProgramArguments: [...PROGRAM, 'service', 'run', '--config', ODD_PATH],
        EnvironmentVariables: { PATH: '/bin:/<&>', XDG_CONFIG_HOME: '/home/me/.config' },
        RunAtLoad: true,
        KeepAlive: { SuccessfulExit: false },
      })
    },
  )

  it('is an agent of launchd on macOS', () => {
    const { path, text, enable } = define('darwin', { PILOTLIGHT_CONFIG: '/a&b.json' })
    expect(path).toMatch(/^\/home\/me\/Library\/LaunchAgents\/pilotlight\.worker-[0-9a-f]{16}\.plist$/)
    expect(text).toContain('<string>/a&amp;b.json</string>')
    expect(enable).toEqual([`launchctl bootstrap gui/$(id -u) '${path}'`])
  })
})
