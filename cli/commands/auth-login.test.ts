import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { serveLogin } from '../../test/support/login-server.ts'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { runPilot } from '../../test/support/run-pilot.ts'
import { createTemporaryHome } from '../../test/support/temporary-home.ts'

// What a desktop opens pages with: here it is somebody who agrees to everything at once.
const BROWSER = `#!/bin/sh
exec "${process.execPath}" -e 'fetch(process.argv[1]).then(async (page) => console.error(await page.text()))' "$1"
`

/** A home with these servers, and `pilot auth` in it. */
async function homeWith(mcpServers: object) {
  const home = await createTemporaryHome('')
  const config = join(home.path, 'config/pilotlight')
  const programs = join(home.path, 'bin')
  await mkdir(config, { recursive: true })
  await mkdir(programs)
  await writeFile(join(config, 'mcp.json'), JSON.stringify({ mcpServers }), { mode: 0o600 })
  await writeFile(join(programs, 'xdg-open'), BROWSER)
  await chmod(join(programs, 'xdg-open'), 0o755)
  const browser = { PATH: `${programs}:/usr/bin:/bin`, DISPLAY: ':0' }
  const variables = { ...home.variables, ...browser }
  return {
    browser,
    logins: join(home.path, 'state/pilotlight/logins'),
    async run(...typed: string[]) {
      const ended = await runPilot(['auth', ...typed], { variables })
      expect(ended.stdout + ended.stderr).not.toMatch(/(access|refresh)-token-\d|s3cret/)
      return ended
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  }
}

describe('pilot auth', () => {
  it('logs in through the browser, says how the login stands, and forgets it', async () => {
    await using server = await serveLogin()
    server.expiresIn = 3_600
    await using home = await homeWith({ far: { url: server.url }, near: { command: 'a' } })
    const row = { server: 'far', url: server.url, expires_at: null, scope: null }
    expect(JSON.parse((await home.run('status', '--json')).stdout)).toEqual([{ ...row, state: 'not logged in' }])

    const { exitCode, stdout, stderr } = await home.run('login', 'far')
    expect([exitCode, stdout]).toEqual([0, 'Logged in to far.\n'])
    expect(stderr).toContain(`${new URL(server.url).origin}/authorize?`)
    expect(stderr).toContain('code_challenge_method=S256')
    const status = await home.run('status', 'far', '--json')
    expect(JSON.parse(status.stdout)).toEqual([
      { ...row, state: 'logged in', expires_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ])
    expect((await home.run('status')).stdout).toMatch(/^Server +Login[^]*\nfar +logged in/)
    for (const name of await readdir(home.logins)) {
      expect((await stat(join(home.logins, name))).mode & 0o777).toBe(0o600)
    }
    expect((await stat(home.logins)).mode & 0o777).toBe(0o700)

    expect(await home.run('logout', 'far')).toMatchObject({ exitCode: 0, stdout: 'Logged out of far.\n' })
    expect(await home.run('logout', 'far')).toMatchObject({ exitCode: 0, stdout: 'There was no login to far.\n' })
    expect((await home.run('status')).stdout).toMatch(/\nfar +not logged in/)
  })

  it('is known at once to a worker that was refused, and so is a logout', async () => {
    await using server = await serveLogin()
    server.expiresIn = 3_600
    await using home = await homeWith({})
    const far = { url: server.url, restart: { maxCrashes: 1 } }
    await using worker = await OwnWorker.start({ mcpServers: { far } })
    const run = (...typed: string[]) => runPilot(typed, { variables: { ...worker.variables, ...home.browser } })
    const refused = { stderr: expect.stringContaining('it wants a login (401). Run "pilot auth login far"') }
    expect(await run('call', 'far', 'any')).toMatchObject(refused)
    expect(await run('auth', 'login', 'far')).toMatchObject({ exitCode: 0 })
    expect(await run('call', 'far', 'any')).toMatchObject({ exitCode: 0 })
    expect(await run('auth', 'logout', 'far')).toMatchObject({ exitCode: 0 })
    expect(await run('call', 'far', 'any')).toMatchObject(refused)
  })

  it('is registered once, however often somebody logs in', async () => {
    await using server = await serveLogin()
    await using home = await homeWith({ far: { url: server.url } })
    await home.run('login', 'far')
    const registered = await readFile(join(home.logins, await loginFile(home.logins)), 'utf8')
    expect(await home.run('login', 'far')).toMatchObject({ exitCode: 0 })
    const again = await readFile(join(home.logins, await loginFile(home.logins)), 'utf8')
    expect(JSON.parse(again).client).toEqual(JSON.parse(registered).client)
    expect(server.grants).toEqual(['authorization_code', 'authorization_code'])
  })

  it('ends with 77 where the authorization server gives no tokens, and quotes none', async () => {
    await using server = await serveLogin()
    server.refuseTokens = { status: 400, body: '{"error":"invalid_grant","error_description":"no more"}' }
    await using home = await homeWith({ far: { url: server.url } })
    const { exitCode, stdout, stderr } = await home.run('login', 'far')
    expect([exitCode, stdout]).toEqual([77, ''])
    expect(stderr).toContain('pilot auth login: server "far": its login failed. (no more)')
  })

  it('opens no page that is neither https nor on this machine', async () => {
    await using server = await serveLogin()
    server.loginPage = 'http://login.example.org/authorize'
    await using home = await homeWith({ far: { url: server.url } })
    expect(await home.run('login', 'far')).toMatchObject({
      exitCode: 77,
      stderr: expect.stringContaining('its login page is not at an https:// URL, so it is not opened.'),
    })
  })

  it.each([
    [['login', 'near'], 2, 'server "near": it is started here, so there is no login to it.'],
    [['login', 'fra'], 2, 'Did you mean "far"?'],
    [['status', 'nobody'], 2, 'There is no server "nobody" in'],
    [['login', 'own'], 2, 'it logs itself in'],
    [['logout'], 2, '<server> is missing'],
  ])('refuses %j', async (typed, exitCode, reason) => {
    const oauth = { grant: 'client_credentials', clientId: 'me', clientSecret: 's3cret' }
    await using home = await homeWith({
      far: { url: 'https://example.org/mcp' },
      near: { command: 'a' },
      own: { url: 'https://example.org/own', oauth },
    })
    expect(await home.run(...typed)).toMatchObject({ exitCode, stderr: expect.stringContaining(reason) })
  })
})

async function loginFile(folder: string): Promise<string> {
  const names = await readdir(folder)
  return names.find((name) => name.endsWith('.json')) ?? ''
}
