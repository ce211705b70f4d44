import type { AddClientAuthentication, OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import type { OAuthClientInformationMixed, OAuthClientMetadata } from '@modelcontextprotocol/sdk/shared/auth.js'
import type { OAuthSettings } from '../../../server-definition.ts'
import type { StoredLogin } from './login-store.ts'

/** A login that is being made: what the SDK's flow reads and leaves behind. It is written to the store when it is complete. */
export interface LoginDraft {
  settings: OAuthSettings
  /** What is stored, and what the flow adds. */
  login: StoredLogin
  /** Where the browser comes back to; undefined where nobody logs in by hand. */
  redirectUrl: string | undefined
  state: string
  codeVerifier: string | undefined
  authorizationUrl: URL | undefined
  addClientAuthentication: AddClientAuthentication | undefined
}

/** The SDK's view of a draft. Tokens are never offered for reuse: a login that is asked for is made anew. */
export function createProvider(draft: LoginDraft): OAuthClientProvider {
  const { settings, redirectUrl } = draft
  const { clientMetadataUrl } = settings
  return {
    redirectUrl,
    clientMetadata: clientMetadata(draft),
    ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
    ...(draft.addClientAuthentication === undefined ? {} : { addClientAuthentication: draft.addClientAuthentication }),
    state: () => draft.state,
    clientInformation: () => clientOf(draft),
    saveClientInformation: (client) => {
      // The secret of a configuration stays there.
      draft.login.client = settings.clientId === undefined ? client : withoutSecret(client)
    },
    tokens: () => undefined,
    saveTokens: (tokens) => {
      draft.login.tokens = tokens
    },
    redirectToAuthorization: (url) => {
      draft.authorizationUrl = url
    },
    saveCodeVerifier: (verifier) => {
      draft.codeVerifier = verifier
    },
    codeVerifier: () => draft.codeVerifier ?? '',
    saveDiscoveryState: (discovery) => {
      draft.login.discovery = discovery
    },
    discoveryState: () => draft.login.discovery,
    ...(settings.grant === 'client_credentials' ? { prepareTokenRequest: credentialsRequest } : {}),
  }
}

/** The client we are at a login's authorization server; undefined where we have to register. */
export function clientOf({ settings, login, redirectUrl }: LoginDraft): OAuthClientInformationMixed | undefined {
  const { clientId, clientSecret } = settings
  const issuer = settings.issuer ?? login.client?.issuer
  if (clientId !== undefined) {
    return {
      client_id: clientId,
      ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
      ...(issuer === undefined ? {} : { issuer }),
    }
  }
  const { client } = login
  // A registration names where the browser may come back to; for another place another one is needed.
  const isForElsewhere =
    client !== undefined &&
    'redirect_uris' in client &&
    redirectUrl !== undefined &&
    !client.redirect_uris.includes(redirectUrl)
  return isForElsewhere ? undefined : client
}

function clientMetadata({ settings, redirectUrl }: LoginDraft): OAuthClientMetadata {
  const isByHand = settings.grant !== 'client_credentials'
  return {
    client_name: 'Pilotlight',
    redirect_uris: redirectUrl === undefined ? [] : [redirectUrl],
    grant_types: isByHand ? ['authorization_code', 'refresh_token'] : ['client_credentials'],
    response_types: isByHand ? ['code'] : [],
    ...(settings.scope === undefined ? {} : { scope: settings.scope }),
  }
}

function credentialsRequest(scope?: string): URLSearchParams {
  return new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
}

function withoutSecret({ client_id, issuer }: OAuthClientInformationMixed): OAuthClientInformationMixed {
  return { client_id, ...(issuer === undefined ? {} : { issuer }) }
}
