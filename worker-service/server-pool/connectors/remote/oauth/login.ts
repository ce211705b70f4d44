import { randomBytes } from 'node:crypto'
import { ServiceError } from '../../../../../shared/errors/service-error.ts'
import { isPrivateWay } from '../../../../../shared/private-way.ts'
import type { RemoteServerDefinition } from '../../../server-definition.ts'
import { loginError, secretsOf } from './login-error.ts'
import { LoginStore, type StoredLogin } from './login-store.ts'
import { type OAuthOptions, withExpiry } from './oauth-authorizer.ts'
import { createOAuthFetch } from './oauth-fetch.ts'
import { createProvider, type LoginDraft } from './oauth-provider.ts'
import { createDraft } from './obtain-tokens.ts'

/** A login that waits for somebody in a browser. */
export interface PendingLogin {
  /** Where they log in: https, or http on this machine. */
  authorizationUrl: URL
  /**
   * Completes the login with the URL that the browser came back to, and stores it. Rejects with `unauthenticated` when that is not the
   * answer to this login, or refuses it.
   */
  finish(callback: URL, signal: AbortSignal): Promise<void>
}

/** How a login is made. */
export interface LoginOptions extends OAuthOptions {
  /** Where the browser is sent back to, usually on this machine. */
  redirectUrl: string
}

/**
 * Begins a login to a server. The scope is what the server last asked for, else what it offers. Rejects with `unauthenticated` where no
 * login can be had, saying why.
 */
export async function startLogin(
  definition: RemoteServerDefinition,
  options: LoginOptions,
  signal: AbortSignal,
): Promise<PendingLogin> {
  const { name, oauth: settings = {} } = definition
  const store = new LoginStore(options.loginFolder, definition)
  const stored = await store.read()
  const draft = createDraft(settings, withoutSession(stored), {
    redirectUrl: options.redirectUrl,
    state: randomBytes(16).toString('base64url'),
  })
  await authorize(definition, draft, { signal })
  const { authorizationUrl } = draft
  if (authorizationUrl === undefined || !isPrivateWay(authorizationUrl)) {
    throw new ServiceError(
      'forbidden',
      `server "${name}": its login page is not at an https:// URL, so it is not opened.`,
    )
  }
  return {
    authorizationUrl,
    async finish(callback, finishing) {
      const code = readCode(callback, draft, name)
      await authorize(definition, draft, { signal: finishing, code })
      const login = withExpiry(draft.login, (options.now ?? Date.now)())
      // What the server asked for is had now.
      const { challenge: _, ...kept } = login
      await store.whileLocked(() => store.change(() => kept), finishing)
    },
  }
}

/** Forgets the login to a server on this machine. */
export async function forgetLogin(definition: RemoteServerDefinition, { loginFolder }: OAuthOptions): Promise<void> {
  await new LoginStore(loginFolder, definition).remove()
}

// Who we are registered as may still hold; where the login is made is looked up anew.
function withoutSession({ client, challenge }: StoredLogin): StoredLogin {
  return { ...(client === undefined ? {} : { client }), ...(challenge === undefined ? {} : { challenge }) }
}

async function authorize(
  { name, url }: RemoteServerDefinition,
  draft: LoginDraft,
  { signal, code }: { signal: AbortSignal; code?: string },
): Promise<void> {
  const { auth } = await import('@modelcontextprotocol/sdk/client/auth.js')
  const { resourceMetadataUrl, scope } = draft.login.challenge ?? {}
  try {
    await auth(createProvider(draft), {
      serverUrl: url,
      fetchFn: createOAuthFetch(new URL(url).origin, signal),
      ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: new URL(resourceMetadataUrl) }),
      ...(scope === undefined ? {} : { scope }),
      ...(code === undefined ? {} : { authorizationCode: code }),
    })
  } catch (cause) {
    signal.throwIfAborted()
    const secrets = [...secretsOf(draft.login), draft.codeVerifier, draft.settings.clientSecret, code]
    const known = secrets.filter((secret) => secret !== undefined)
    throw loginError(name, { code: 'unauthenticated', problem: 'its login failed.', cause, secrets: known })
  }
}

function readCode({ searchParams }: URL, { state, login }: LoginDraft, name: string): string {
  const refuse = (problem: string) => new ServiceError('unauthenticated', `server "${name}": ${problem}`)
  if (searchParams.get('state') !== state) throw refuse('the browser came back from another login. Start again.')
  const issuer = searchParams.get('iss')
  const expected = login.discovery?.authorizationServerMetadata?.issuer
  if (issuer !== null && expected !== undefined && issuer !== expected) {
    throw refuse('the browser came back from another authorization server (RFC 9207). Start again.')
  }
  const code = searchParams.get('code')
  if (code !== null) return code
  const error = searchParams.get('error')
  throw refuse(`the login was refused${error === null ? '' : ` (${error.replaceAll(/[^\w-]/g, '').slice(0, 60)})`}.`)
}
