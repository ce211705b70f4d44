import { join } from 'node:path'
import type { Environment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { nearestName } from '../shared/nearest-name.ts'
import { loadServerConfiguration, type ServerConfiguration, sourcesOf } from './config/server-configuration.ts'
import { CallbackListener } from './server-pool/connectors/remote/oauth/callback-listener.ts'
import { forgetLogin, startLogin } from './server-pool/connectors/remote/oauth/login.ts'
import { LoginStore, type StoredLogin } from './server-pool/connectors/remote/oauth/login-store.ts'
import type { RemoteServerDefinition } from './server-pool/server-definition.ts'

/** How we stand with a remote server. Nothing of it is secret. */
export interface LoginStatus {
  server: string
  url: string
  state: 'logged in' | 'to be renewed' | 'ended' | 'not logged in' | 'logs itself in' | 'by its headers'
  /** When the tokens end, in milliseconds since 1970; undefined where they do not say, or where there are none. */
  expiresAt: number | undefined
  scope: string | undefined
}

/** What the logins of an environment's servers are made with. */
interface LoginsOptions {
  environment: Environment
  variables: Readonly<Record<string, string | undefined>>
}

/** The logins of the configured remote servers, as the files have them that all processes of the user share. */
export class RemoteLogins {
  readonly #configuration: ServerConfiguration
  readonly #loginFolder: string

  private constructor(configuration: ServerConfiguration, loginFolder: string) {
    this.#configuration = configuration
    this.#loginFolder = loginFolder
  }

  /** Reads the configuration. Rejects with `invalid_configuration`. */
  static async open({ environment, variables }: LoginsOptions): Promise<RemoteLogins> {
    const configuration = await loadServerConfiguration(sourcesOf(environment, variables))
    return new RemoteLogins(configuration, join(environment.folders.state, 'logins'))
  }

  /** How we stand with one server, or with all remote ones. Throws `unknown_server` and `invalid_request` for what is none. */
  status(server: string | undefined): Promise<LoginStatus[]> {
    const asked = server === undefined ? this.#configuration.servers.filter(isRemote) : [this.#remote(server)]
    return Promise.all(asked.map(async (definition) => toStatus(definition, await this.#store(definition).read())))
  }

  /**
   * Logs in: `show` is given the page on which somebody does so. Rejects with `unauthenticated` where no login comes about, and with the
   * signal's reason.
   */
  async logIn(server: string, show: (page: URL) => void, signal: AbortSignal): Promise<void> {
    const definition = this.#remote(server)
    if (definition.oauth?.grant === 'client_credentials') {
      throw new ServiceError(
        'invalid_request',
        `server "${server}": it logs itself in with what its "oauth" says; there is nothing to do.`,
      )
    }
    const { client } = await this.#store(definition).read()
    using listener = await CallbackListener.open(portOf(client))
    const options = { loginFolder: this.#loginFolder, redirectUrl: listener.url }
    const login = await startLogin(definition, options, signal)
    show(login.authorizationUrl)
    const state = login.authorizationUrl.searchParams.get('state')
    await listener.answer(state, (callback) => login.finish(callback, signal), signal)
  }

  /** Forgets a login on this machine; resolves with whether there was one. */
  async logOut(server: string): Promise<boolean> {
    const definition = this.#remote(server)
    const { tokens } = await this.#store(definition).read()
    await forgetLogin(definition, { loginFolder: this.#loginFolder })
    return tokens !== undefined
  }

  #store(definition: RemoteServerDefinition): LoginStore {
    return new LoginStore(this.#loginFolder, definition)
  }

  #remote(server: string): RemoteServerDefinition {
    const { servers, unusable, path } = this.#configuration
    const found = servers.find(({ name }) => name === server)
    if (found !== undefined && isRemote(found)) return found
    if (found !== undefined)
      throw new ServiceError('invalid_request', `server "${server}": it is started here, so there is no login to it.`)
    const reason = unusable.find(({ name }) => name === server)?.reason
    if (reason !== undefined) throw new ServiceError('invalid_configuration', `server "${server}": ${reason}`)
    const nearest = nearestName(
      server,
      servers.map(({ name }) => name),
    )
    const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`
    throw new ServiceError('unknown_server', `There is no server ${JSON.stringify(server)} in ${path}.${hint}`)
  }
}

function isRemote(definition: ServerConfiguration['servers'][number]): definition is RemoteServerDefinition {
  return definition.transport !== 'stdio'
}

function toStatus({ name: server, url, headers, oauth }: RemoteServerDefinition, { tokens }: StoredLogin): LoginStatus {
  const common = { server, url: withoutSecrets(url), expiresAt: tokens?.expiresAt, scope: tokens?.scope }
  if (tokens === undefined) {
    if (oauth?.grant === 'client_credentials') return { ...common, state: 'logs itself in' }
    const isByHeader = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
    return { ...common, state: isByHeader ? 'by its headers' : 'not logged in' }
  }
  const isOver = tokens.expiresAt !== undefined && tokens.expiresAt <= Date.now()
  if (!isOver) return { ...common, state: 'logged in' }
  return { ...common, state: tokens.refresh_token === undefined ? 'ended' : 'to be renewed' }
}

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

// Where the browser came back to at the registration; another place would need another registration.
function portOf(client: StoredLogin['client']): number {
  const [redirectUrl] = client !== undefined && 'redirect_uris' in client ? client.redirect_uris : []
  return Number(URL.parse(redirectUrl ?? '')?.port ?? 0)
}
