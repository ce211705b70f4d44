import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ServiceError } from '../../../../../shared/errors/service-error.ts'
import { logInTo, REDIRECT_URL, visit } from '../../../../../test/support/log-in.ts'
import { type LoginServer, serveLogin } from '../../../../../test/support/login-server.ts'
import { OneServer } from '../../../../../test/support/one-server.ts'
import { remoteServer } from '../../../../../test/support/remote-server.ts'
import type { RemoteServerDefinition } from '../../../server-definition.ts'
import { createConnector } from '../../open-connection.ts'
import { forgetLogin, startLogin } from './login.ts'
import { LoginStore } from './login-store.ts'
import { OAuthAuthorizer } from './oauth-authorizer.ts'

const NEVER = new AbortController().signal
const SOON = { interval: 10 }

let server: LoginServer
let loginFolder: string
beforeEach(async () => {
  server = await serveLogin()
  loginFolder = join(await mkdtemp(join(tmpdir(), 'pilotlight-login-')), 'oauth')
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await rm(join(loginFolder, '..'), { recursive: true })
})

const define = (rest: Partial<RemoteServerDefinition> = {}) => remoteServer(server.url, rest)
const connector = (now?: () => number) =>
  createConnector({
    variables: {},
    remote: { authorizerOf: (one) => new OAuthAuthorizer(one, { loginFolder, ...(now === undefined ? {} : { now }) }) },
  })

const inAnHour = () => Date.now() + 3_600_000
const begin = (definition = define()) => startLogin(definition, { loginFolder, redirectUrl: REDIRECT_URL }, NEVER)

const logIn = (definition = define()) => logInTo(definition, loginFolder)

async function list(connect = connector(), definition = define()): Promise<void> {
  await using far = new OneServer(definition, connect)
  await far.start()
  await far.list()
}

describe('a login', () => {
  it('is asked for where there is none, and asks for what the server wants', async () => {
    await expect(list()).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'server "far": it wants a login (401). Run "pilot auth login far".',
    })
    const { authorizationUrl } = await begin()
    expect(authorizationUrl.searchParams.get('scope')).toBe('tools')
    expect(authorizationUrl.searchParams.get('code_challenge_method')).toBe('S256')
  })

  it('lets calls through, and is kept where nobody else can read it', async () => {
    await logIn()
    await list()
    const [file = ''] = (await readdir(loginFolder)).filter((name) => name.endsWith('.json'))
    expect(file).toMatch(/^far-[0-9a-f]{16}\.json$/)
    expect((await stat(join(loginFolder, file))).mode & 0o777).toBe(0o600)
    expect((await stat(loginFolder)).mode & 0o777).toBe(0o700)
    expect(await readFile(join(loginFolder, file), 'utf8')).toContain('refresh-token-1')
  })

  it('is found by a connection that was open before', async () => {
    const open = connector()
    await expect(list(open)).rejects.toMatchObject({ code: 'unauthenticated' })
    await logIn()
    await list(open)
  })

  it('is for one name and one URL alone', async () => {
    await logIn()
    await expect(list(connector(), define({ name: 'other' }))).rejects.toMatchObject({ code: 'unauthenticated' })
    const moved = define({ url: `${server.url}?team=2` })
    await expect(list(connector(), moved)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('can be forgotten', async () => {
    await logIn()
    await forgetLogin(define(), { loginFolder })
    await expect(list()).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('does not overrule the headers of a configuration, and these go to the server alone', async () => {
    await logIn()
    const own = define({ headers: { Authorization: 'Bearer of-the-config', 'x-key': 'k' } })
    await expect(list(connector(), own)).rejects.toMatchObject({ message: expect.stringContaining('"headers"') })
    await logIn(own)
    const seen = server.requests.filter(({ headers }) => headers['x-key'] !== undefined)
    expect(new Set(seen.map(({ url }) => url))).toEqual(new Set(['/mcp']))
  })

  it.each([
    ['another state', (back: URL) => back.searchParams.set('state', 'x'), 'the browser came back from another login.'],
    ['another issuer', (back: URL) => back.searchParams.set('iss', 'https://evil'), 'another authorization server'],
    ['a refusal', deny, 'the login was refused (access_deniedscript).'],
  ])('is not completed by %s', async (_, change, message) => {
    const login = await begin()
    const back = await visit(login.authorizationUrl)
    change(back)
    await expect(login.finish(back, NEVER)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining(message),
    })
    expect(server.grants).toEqual([])
  })

  it.each(['http://example.org/login', 'file:///etc/passwd', 'javascript:alert(1)'])(
    'opens no page at %s',
    async (page) => {
      server.loginPage = page
      await expect(begin()).rejects.toBeInstanceOf(ServiceError)
    },
  )

  it('tells why it failed, without any secret', async () => {
    const login = await begin()
    const back = await visit(login.authorizationUrl)
    server.refuseTokens = { status: 500, body: 'leaking client-s3cret and code-1' }
    const thrown: unknown = await login.finish(back, NEVER).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('its login failed.') })
    expect(String(thrown)).not.toMatch(/client-s3cret|code-1/)
    expect(thrown).not.toHaveProperty('cause')
  })
})

function deny(back: URL): void {
  back.searchParams.delete('code')
  back.searchParams.set('error', 'access_denied<script>')
}

describe('tokens', () => {
  it('that ended are renewed once, however many connections and processes ask', async () => {
    server.expiresIn = 3_000
    await logIn()
    server.valid.clear()
    await Promise.all(Array.from({ length: 10 }, () => list(connector(inAnHour))))
    expect(server.grants).toEqual(['authorization_code', 'refresh_token'])
  })

  it('that a server refuses early are renewed once for all who meet it', async () => {
    await logIn()
    server.valid.clear()
    await Promise.all(Array.from({ length: 10 }, () => list()))
    expect(server.grants).toEqual(['authorization_code', 'refresh_token'])
  })

  it('are renewed before they end, without a call', async () => {
    server.expiresIn = 1
    await logIn()
    await using far = new OneServer(define(), connector())
    await far.start()
    await expect.poll(() => server.grants.length, SOON).toBeGreaterThan(2)
    await far.list()
  })

  it.each([
    { status: 503, body: 'down' },
    { status: 400, body: '{"error":"invalid_grant"}' },
  ])('that still hold are kept and used when they cannot be renewed: %j', async (refusal) => {
    server.expiresIn = 1_000
    await logIn()
    server.refuseTokens = refusal
    // The last tenth of their life.
    await list(connector(() => Date.now() + 900_000))
    expect(await new LoginStore(loginFolder, define()).read()).toMatchObject({
      tokens: { access_token: 'access-token-1', refresh_token: 'refresh-token-1' },
    })
  })

  it('that ended and cannot be renewed just now are an error that passes', async () => {
    server.expiresIn = 1_000
    await logIn()
    server.refuseTokens = { status: 503, body: 'refresh-token-1 is not now' }
    const thrown: unknown = await list(connector(inAnHour)).catch((error: unknown) => error)
    expect(thrown).toMatchObject({
      code: 'server_unavailable',
      message: expect.stringContaining('its login could not be renewed just now.'),
    })
    expect(String(thrown)).not.toContain('refresh-token-1')
    server.refuseTokens = undefined
    await list(connector(inAnHour))
  })

  it('whose renewal was refused for good are not asked for again and again', async () => {
    await logIn()
    server.valid.clear()
    server.refuseTokens = { status: 400, body: '{"error":"invalid_grant"}' }
    using authorizer = new OAuthAuthorizer(define(), { loginFolder })
    const refusal = { sent: await authorizer.authorization(), status: 401 as const, challenge: undefined }
    for (let call = 0; call < 5; call++) expect(await authorizer.refused(refusal)).toBe(false)
    expect(server.grants).toEqual(['authorization_code', 'refresh_token'])
  })

  it('whose renewal is refused for good need a new login', async () => {
    await logIn()
    server.valid.clear()
    server.refuseTokens = { status: 400, body: '{"error":"invalid_grant"}' }
    await expect(list()).rejects.toMatchObject({ message: expect.stringContaining('Run "pilot auth login far".') })
    server.refuseTokens = undefined
    await logIn()
    await list()
  })
})

describe('a client that logs in by itself', () => {
  const oauth = { grant: 'client_credentials' as const, clientId: 'me', clientSecret: 'client-s3cret' }

  it('gets its tokens when they are wanted, and keeps its secret out of the file', async () => {
    await list(connector(), define({ oauth }))
    expect(server.grants).toEqual(['client_credentials'])
    const stored = await new LoginStore(loginFolder, define()).read()
    expect(stored).toMatchObject({ client: { client_id: 'me' }, tokens: { access_token: 'access-token-1' } })
    expect(JSON.stringify(stored)).not.toContain('client-s3cret')
    await list(connector(), define({ oauth }))
    expect(server.grants).toHaveLength(1)
  })

  it('shows its secret to no authorization server but the one that is named', async () => {
    const elsewhere = define({ oauth: { ...oauth, issuer: 'https://auth.example.org' } })
    await expect(list(connector(), elsewhere)).rejects.toMatchObject({
      message: expect.stringContaining('is not presented to'),
    })
    expect(server.grants).toEqual([])
  })
})
