import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HttpFixture, readJsonBody, serveHttp } from './remote-server.ts'

/** An MCP server that wants a login, and the authorization server that gives it, at one origin. */
export interface LoginServer extends HttpFixture {
  /** The grant types that tokens were asked for with, in order. */
  grants: string[]
  /** The access tokens that are taken. */
  valid: Set<string>
  /** Answers the next token requests so instead. */
  refuseTokens: { status: number; body: string } | undefined
  /** How long tokens last, in seconds. */
  expiresIn: number | undefined
  /** The page that logs in somebody. */
  loginPage: string | undefined
  /** The scope that the server says it wants. */
  wantedScope: string
}

type Token = { access_token: string; token_type: string; refresh_token?: string; expires_in?: number }

/** Serves a protected MCP endpoint at `/mcp` with one tool, and OAuth with registration, PKCE and rotating refresh tokens. */
export async function serveLogin(): Promise<LoginServer> {
  const refreshTokens = new Set<string>()
  let issued = 0
  const fixture = await serveHttp((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', server.url)
    if (pathname === '/mcp') return answerMcp(server, request, response)
    if (pathname === '/register') return register(request, response)
    if (pathname === '/authorize') return sendBack(searchParams, response)
    if (pathname === '/token') return giveTokens(request, response)
    const metadata = METADATA[pathname]?.(new URL(server.url).origin, server)
    return metadata === undefined ? response.writeHead(404).end() : json(response, 200, metadata)
  })
  const server: LoginServer = Object.assign(fixture, {
    grants: [],
    valid: new Set<string>(),
    refuseTokens: undefined,
    expiresIn: undefined,
    loginPage: undefined,
    wantedScope: 'tools',
  })
  const issue = (withRefresh: boolean): Token => {
    const token: Token = { access_token: `access-token-${++issued}`, token_type: 'Bearer' }
    server.valid.add(token.access_token)
    if (server.expiresIn !== undefined) token.expires_in = server.expiresIn
    if (withRefresh) token.refresh_token = `refresh-token-${issued}`
    refreshTokens.add(token.refresh_token ?? '')
    return token
  }
  const giveTokens = async (request: IncomingMessage, response: ServerResponse) => {
    const form = new URLSearchParams(await readText(request))
    const grant = form.get('grant_type') ?? ''
    server.grants.push(grant)
    if (server.refuseTokens !== undefined)
      return response.writeHead(server.refuseTokens.status).end(server.refuseTokens.body)
    const old = form.get('refresh_token') ?? ''
    if (grant === 'refresh_token' && !refreshTokens.delete(old)) return json(response, 400, { error: 'invalid_grant' })
    return json(response, 200, issue(grant !== 'client_credentials'))
  }
  return server
}

const METADATA: Record<string, (origin: string, server: LoginServer) => object> = {
  '/.well-known/oauth-protected-resource/mcp': (origin) => ({
    resource: `${origin}/mcp`,
    authorization_servers: [origin],
  }),
  '/.well-known/oauth-authorization-server': (origin, { loginPage }) => ({
    issuer: origin,
    authorization_endpoint: loginPage ?? `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
  }),
}

async function register(request: IncomingMessage, response: ServerResponse) {
  json(response, 201, { ...(await readJsonBody(request)), client_id: 'client-1', client_secret: 'client-s3cret' })
}

function sendBack(asked: URLSearchParams, response: ServerResponse) {
  const back = new URL(asked.get('redirect_uri') ?? '')
  back.searchParams.set('code', 'code-1')
  back.searchParams.set('state', asked.get('state') ?? '')
  response.writeHead(302, { location: back.href }).end()
}

async function answerMcp(server: LoginServer, request: IncomingMessage, response: ServerResponse) {
  const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
  if (!server.valid.has(token)) {
    const challenge = `Bearer error="invalid_token", scope="${server.wantedScope}"`
    return response.writeHead(401, { 'www-authenticate': challenge }).end()
  }
  if (request.method !== 'POST') return response.writeHead(405).end()
  const { id, method } = await readJsonBody(request)
  if (id === undefined) return response.writeHead(202).end()
  const introduction = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'login', version: '1' } }
  const tools = [{ name: 'any', inputSchema: { type: 'object' } }]
  return json(response, 200, { jsonrpc: '2.0', id, result: method === 'initialize' ? introduction : { tools } })
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function json(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
