import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { logInTo } from '../support/log-in.ts'
import { serveLogin } from '../support/login-server.ts'
import { OwnWorker } from '../support/own-worker.ts'
import { remoteServer } from '../support/remote-server.ts'

const CALL = { tool: 'any' }
const SOON = { interval: 20 }

async function rowOf(worker: OwnWorker) {
  const [row] = (await worker.status()).servers
  return row
}

const loginFolderOf = ({ home }: OwnWorker) => join(home.path, 'state/pilotlight/logins')

/** Everything a worker has written but for its logins: logs, catalogue, runtime files. Rejects where a file is replaced meanwhile. */
async function writtenBy({ home }: OwnWorker): Promise<string> {
  const entries = await readdir(home.path, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const kept = paths.filter((path) => !path.includes('/logins/') && !path.endsWith('/mcp.json'))
  return (await Promise.all(kept.map((path) => readFile(path, 'utf8')))).join('\n')
}

describe('a pooled remote server that wants a login', () => {
  it('says so in its state, and how; works once somebody has logged in; and is logged in anew in time', async () => {
    await using server = await serveLogin()
    await using worker = await OwnWorker.start({ mcpServers: { far: { url: server.url } } })
    const why = 'server "far": it wants a login (401). Run "pilot auth login far".'
    expect(await worker.execute('far', CALL)).toMatchObject({
      status: 401,
      text: expect.stringContaining('auth login'),
    })
    await expect.poll(() => rowOf(worker), SOON).toMatchObject({ state: 'backing-off', why })

    server.expiresIn = 1
    await logInTo(remoteServer(server.url), loginFolderOf(worker))
    await vi.waitFor(async () => expect(await worker.execute('far', CALL)).toMatchObject({ status: 200 }), SOON)
    expect(await rowOf(worker)).toMatchObject({ state: 'ready' })

    // Without a call of anybody.
    const grants = server.grants.length
    await vi.waitFor(() => expect(server.grants.length).toBeGreaterThan(grants + 1), SOON)
    expect(server.grants).toContain('refresh_token')
    expect(await worker.execute('far', CALL)).toMatchObject({ status: 200 })
    expect(await vi.waitFor(() => writtenBy(worker), SOON)).not.toMatch(/(access|refresh)-token-\d/)
  })

  it('ends the calls that meet the end of a login with how to get another', async () => {
    await using server = await serveLogin()
    await using worker = await OwnWorker.start({ mcpServers: { far: { url: server.url } } })
    await logInTo(remoteServer(server.url), loginFolderOf(worker))
    await vi.waitFor(async () => expect(await worker.execute('far', CALL)).toMatchObject({ status: 200 }), SOON)
    server.valid.clear()
    server.refuseTokens = { status: 400, body: '{"error":"invalid_grant"}' }
    const { status, text } = await worker.execute('far', CALL)
    expect([status, JSON.parse(text)]).toMatchObject([
      401,
      { code: 'unauthenticated', message: 'server "far": it wants a login (401). Run "pilot auth login far".' },
    ])
  })

  it('is logged in to by itself with the secret of its configuration, which shows nowhere', async () => {
    await using server = await serveLogin()
    const oauth = { grant: 'client_credentials', client_id: 'me', clientSecret: 'client-s3cret', clientID: 'typo' }
    await using worker = await OwnWorker.start({ mcpServers: { far: { url: server.url, oauth } } })
    expect(await worker.execute('far', CALL)).toMatchObject({ status: 200 })
    expect(server.grants).toEqual(['client_credentials'])
    const shown = [await vi.waitFor(() => writtenBy(worker), SOON), JSON.stringify(await worker.status())].join('\n')
    expect(shown).not.toMatch(/client-s3cret|access-token-\d/)
    expect(shown).toContain('\\"oauth.clientID\\" is not known and is passed over; did you mean')
  })
})
