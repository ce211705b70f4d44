import { isDeepStrictEqual } from 'node:util'
import type { RemoteServerDefinition } from '../../../server-definition.ts'
import type { Authorizer, Refusal } from '../authorizer.ts'
import { parseChallenge } from './challenge.ts'
import { loginError, secretsOf } from './login-error.ts'
import { type LoginChallenge, LoginStore, type StoredLogin, type StoredTokens } from './login-store.ts'
import { createOAuthFetch } from './oauth-fetch.ts'

/** Where logins are kept. */
export interface OAuthOptions {
  /** A folder for logins alone; made (0700) when there is one to keep. */
  loginFolder: string
  /** Milliseconds since 1970. */
  now?: () => number
}

// A token is renewed when a fifth of its life is left, or five minutes of a long one.
const RENEWAL_SHARE = 0.2
const MAX_RENEWAL_MARGIN_MS = 5 * 60_000
const RETRY_MS = 30_000
const MAX_TIMER_MS = 24 * 60 * 60_000

/**
 * Logs in to a server with the tokens of its login file. They are renewed once for all who ask, in this process and on this machine, and
 * before they end; a renewal that fails leaves them as they are.
 */
export class OAuthAuthorizer implements Authorizer {
  readonly #definition: RemoteServerDefinition
  readonly #store: LoginStore
  readonly #now: () => number
  readonly #life = new AbortController()
  #login: Promise<StoredLogin> | undefined
  #tokens: StoredTokens | undefined
  #renewal: Promise<void> | undefined
  /** The refresh token that the authorization server takes no more. */
  #refusedToken: string | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(definition: RemoteServerDefinition, { loginFolder, now = Date.now }: OAuthOptions) {
    this.#definition = definition
    this.#store = new LoginStore(loginFolder, definition)
    this.#now = now
  }

  async authorization(): Promise<string | undefined> {
    this.#login ??= this.#load().catch((thrown: unknown) => {
      this.#login = undefined
      throw thrown
    })
    await this.#login
    if (this.#isOver(this.#tokens)) await this.#renew(this.#tokens?.access_token)
    return this.#tokens === undefined ? undefined : `Bearer ${this.#tokens.access_token}`
  }

  async refused({ sent, status, challenge }: Refusal): Promise<boolean> {
    const { error, ...wanted } = parseChallenge(challenge)
    if (status === 403 && error !== 'insufficient_scope') return false
    await this.#remember(wanted)
    const { tokens } = await this.#load()
    if (isNews(tokens, sent)) return true
    // More than was allowed to somebody is not had by asking again without them.
    if (status === 403) return false
    await this.#renew(tokens?.access_token)
    return isNews(this.#tokens, sent)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#life.abort()
  }

  async #load(): Promise<StoredLogin> {
    const login = await this.#store.read()
    this.#adopt(login.tokens)
    return login
  }

  #adopt(tokens: StoredTokens | undefined): void {
    this.#tokens = tokens
    clearTimeout(this.#timer)
    if (tokens?.expiresAt === undefined || this.#life.signal.aborted || !this.#canRenew(tokens)) return
    this.#plan(tokens.expiresAt - renewalMarginMs(tokens) - this.#now())
  }

  #plan(delayMs: number): void {
    const renew = () => void this.#renew(this.#tokens?.access_token).catch(() => this.#plan(RETRY_MS))
    this.#timer = setTimeout(renew, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS)).unref()
  }

  #canRenew(tokens: StoredTokens | undefined): boolean {
    return tokens?.refresh_token !== undefined || this.#definition.oauth?.grant === 'client_credentials'
  }

  #isOver(tokens: StoredTokens | undefined): boolean {
    return tokens?.expiresAt !== undefined && tokens.expiresAt <= this.#now() && this.#canRenew(tokens)
  }

  async #renew(stale: string | undefined): Promise<void> {
    this.#renewal ??= this.#renewOnce(stale).finally(() => {
      this.#renewal = undefined
    })
    await this.#renewal
  }

  async #renewOnce(stale: string | undefined): Promise<void> {
    const { name } = this.#definition
    await this.#store.whileLocked(async () => {
      const login = await this.#store.read()
      const isNewer = login.tokens !== undefined && login.tokens.access_token !== stale
      // Another process was faster.
      if (isNewer && !this.#isOver(login.tokens)) return this.#adopt(login.tokens)
      try {
        const renewed = await this.#obtain(login)
        if (renewed === undefined) return
        await this.#store.change(() => renewed)
        this.#adopt(renewed.tokens)
      } catch (cause) {
        const problem = 'its login could not be renewed just now.'
        throw loginError(name, { code: 'server_unavailable', problem, cause, secrets: this.#secrets(login) })
      }
    }, this.#life.signal)
  }

  /** The login with new tokens; undefined when only somebody's login can give them. */
  async #obtain(login: StoredLogin): Promise<StoredLogin | undefined> {
    const { url, oauth: settings = {} } = this.#definition
    const { grantToClient, refreshTokens } = await import('./obtain-tokens.ts')
    const request = { url, settings, fetch: createOAuthFetch(new URL(url).origin, this.#life.signal) }
    if (settings.grant === 'client_credentials') return this.#dated(await grantToClient(request, login))
    const refreshToken = login.tokens?.refresh_token
    // What was refused for good once is not asked for again.
    if (refreshToken === this.#refusedToken) return undefined
    const tokens = await refreshTokens(request, login)
    if (tokens !== undefined) return this.#dated({ ...login, tokens })
    this.#refusedToken = refreshToken
    return undefined
  }

  #dated(login: StoredLogin): StoredLogin {
    return withExpiry(login, this.#now())
  }

  async #remember(wanted: LoginChallenge): Promise<void> {
    await this.#store.whileLocked(async () => {
      const { challenge } = await this.#store.read()
      if (isDeepStrictEqual(challenge, wanted)) return
      await this.#store.change((login) => ({ ...login, challenge: wanted }))
    }, this.#life.signal)
  }

  #secrets(login: StoredLogin): string[] {
    const { clientSecret, privateKey } = this.#definition.oauth ?? {}
    return [...secretsOf(login), ...[clientSecret, privateKey].filter((secret) => secret !== undefined)]
  }
}

/** A login whose tokens say when they end. */
export function withExpiry(login: StoredLogin, now: number): StoredLogin {
  const { tokens } = login
  if (tokens?.expires_in === undefined) return login
  return { ...login, tokens: { ...tokens, expiresAt: now + tokens.expires_in * 1_000 } }
}

function renewalMarginMs({ expires_in: lifeSeconds = 0 }: StoredTokens): number {
  return Math.min(lifeSeconds * 1_000 * RENEWAL_SHARE, MAX_RENEWAL_MARGIN_MS)
}

function isNews(tokens: StoredTokens | undefined, sent: string | undefined): boolean {
  return tokens !== undefined && `Bearer ${tokens.access_token}` !== sent
}
