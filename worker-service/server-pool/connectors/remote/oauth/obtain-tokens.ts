import type { AddClientAuthentication } from '@modelcontextprotocol/sdk/client/auth.js'
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { OAuthSettings } from '../../../server-definition.ts'
import type { StoredLogin, StoredTokens } from './login-store.ts'
import { clientOf, createProvider, type LoginDraft } from './oauth-provider.ts'

/** For whom tokens are obtained, and by which way. */
export interface TokenRequest {
  /** The URL of the MCP server. */
  url: string
  settings: OAuthSettings
  fetch: FetchLike
}

/** A draft on top of what is stored. */
export function createDraft(settings: OAuthSettings, login: StoredLogin, parts: Partial<LoginDraft> = {}): LoginDraft {
  return {
    settings,
    login: { ...login },
    redirectUrl: undefined,
    state: '',
    codeVerifier: undefined,
    authorizationUrl: undefined,
    addClientAuthentication: undefined,
    ...parts,
  }
}

/**
 * New tokens for a refresh token; undefined when the authorization server takes it no more, so that somebody has to log in. Rejects with
 * whatever else went wrong.
 */
export async function refreshTokens(
  { url, settings, fetch }: TokenRequest,
  login: StoredLogin,
): Promise<StoredTokens | undefined> {
  const { discoverOAuthServerInfo, refreshAuthorization } = await import('@modelcontextprotocol/sdk/client/auth.js')
  const { InvalidClientError, InvalidGrantError, UnauthorizedClientError } = await import(
    '@modelcontextprotocol/sdk/server/auth/errors.js'
  )
  const { tokens } = login
  const client = clientOf(createDraft(settings, login))
  if (tokens?.refresh_token === undefined || client === undefined) return undefined
  const discovery = login.discovery ?? (await discoverOAuthServerInfo(url, { fetchFn: fetch }))
  const issuer = discovery.authorizationServerUrl
  // A refresh token goes to nobody but who issued it.
  if (tokens.issuer !== undefined && !isSameIssuer(tokens.issuer, issuer)) return undefined
  const { authorizationServerMetadata: metadata, resourceMetadata } = discovery
  try {
    const renewed = await refreshAuthorization(issuer, {
      ...(metadata === undefined ? {} : { metadata }),
      clientInformation: client,
      refreshToken: tokens.refresh_token,
      ...(resourceMetadata === undefined ? {} : { resource: resourceMetadata.resource }),
      fetchFn: fetch,
    })
    return { ...renewed, issuer }
  } catch (thrown) {
    const isOver = [InvalidGrantError, InvalidClientError, UnauthorizedClientError].some(
      (kind) => thrown instanceof kind,
    )
    if (isOver) return undefined
    throw thrown
  }
}

/** Tokens for the client itself, without anybody who logs in; and what was learned on the way. */
export async function grantToClient({ url, settings, fetch }: TokenRequest, login: StoredLogin): Promise<StoredLogin> {
  const { auth } = await import('@modelcontextprotocol/sdk/client/auth.js')
  const draft = createDraft(settings, login, { addClientAuthentication: await createAssertion(settings) })
  const { resourceMetadataUrl, scope } = login.challenge ?? {}
  await auth(createProvider(draft), {
    serverUrl: url,
    fetchFn: fetch,
    ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: new URL(resourceMetadataUrl) }),
    ...(scope === undefined ? {} : { scope }),
  })
  return draft.login
}

async function createAssertion(settings: OAuthSettings): Promise<AddClientAuthentication | undefined> {
  const { clientId, privateKey, algorithm = 'ES256' } = settings
  if (clientId === undefined || privateKey === undefined) return undefined
  const { createPrivateKeyJwtAuth } = await import('@modelcontextprotocol/sdk/client/auth-extensions.js')
  return createPrivateKeyJwtAuth({ issuer: clientId, subject: clientId, privateKey, alg: algorithm })
}

function isSameIssuer(one: string, other: string): boolean {
  return one.replace(/\/$/, '') === other.replace(/\/$/, '')
}
