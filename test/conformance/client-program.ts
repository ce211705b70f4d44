import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { Connection } from '../../worker-service/server-pool/connectors/connector.ts'
import { startLogin } from '../../worker-service/server-pool/connectors/remote/oauth/login.ts'
import { OAuthAuthorizer } from '../../worker-service/server-pool/connectors/remote/oauth/oauth-authorizer.ts'
import { createRemoteConnector } from '../../worker-service/server-pool/connectors/remote/remote.ts'
import type { OAuthSettings } from '../../worker-service/server-pool/server-definition.ts'
import { remoteServer } from '../support/remote-server.ts'
import { CLIENT_METADATA_URL, REDIRECT_URL, readScenario, type Scenario, toolOf, visitLoginPage } from './scenario.ts'

// Drives the remote connector through one client scenario of the conformance suite.

const MAX_LOGINS = 3
const NEVER = new AbortController().signal

async function main(): Promise<void> {
  const scenario = readScenario(process.env, process.argv.slice(2))
  await using folder = await mkdtempDisposable(join(tmpdir(), 'conformance-'))
  const definition = remoteServer(scenario.url, { name: 'conformance', oauth: oauthOf(scenario) })
  const logins = { loginFolder: join(folder.path, 'oauth') }
  const connect = createRemoteConnector({ authorizerOf: (one) => new OAuthAuthorizer(one, logins) })
  for (let attempt = 1; ; attempt++) {
    try {
      await using connection = await connect(definition, NEVER)
      return await play(scenario, new Client(connection))
    } catch (thrown) {
      const isLoginWanted = thrown instanceof ServiceError && ['unauthenticated', 'forbidden'].includes(thrown.code)
      if (!isLoginWanted || attempt > MAX_LOGINS || definition.oauth?.grant === 'client_credentials') throw thrown
      const login = await startLogin(definition, { ...logins, redirectUrl: REDIRECT_URL }, NEVER)
      await login.finish(await visitLoginPage(login.authorizationUrl), NEVER)
    }
  }
}

function oauthOf({ name, context }: Scenario): OAuthSettings {
  const settings: OAuthSettings = {}
  if (context.client_id === undefined) settings.clientMetadataUrl = CLIENT_METADATA_URL
  else settings.clientId = context.client_id
  if (context.client_secret !== undefined) settings.clientSecret = context.client_secret
  if (context.private_key_pem !== undefined) settings.privateKey = context.private_key_pem
  if (context.signing_algorithm !== undefined) settings.algorithm = context.signing_algorithm
  if (name.startsWith('auth/client-credentials')) settings.grant = 'client_credentials'
  return settings
}

async function play(scenario: Scenario, client: Client): Promise<void> {
  await client.request('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'conformance-client', version: '1.0.0' },
  })
  await client.notify('notifications/initialized')
  await client.request('tools/list', {})
  const tool = toolOf(scenario)
  if (tool !== undefined) await client.request('tools/call', tool)
}

/** As little of an MCP client as the scenarios need. */
class Client {
  readonly #connection: Connection
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>()
  #lastId = 0

  constructor(connection: Connection) {
    this.#connection = connection
    connection.receive({
      frame: (bytes) => this.#take(JSON.parse(bytes.toString()) as Record<string, unknown>),
      oversizedFrame() {},
      unanswered: (id, error) => this.#pending.get(id)?.reject(error),
    })
  }

  async request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId
    const pending = Promise.withResolvers<unknown>()
    this.#pending.set(id, pending)
    this.#send({ id, method, params }).catch(pending.reject)
    return pending.promise
  }

  notify(method: string): Promise<void> {
    return this.#send({ method })
  }

  #send(message: Record<string, unknown>): Promise<void> {
    return this.#connection.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
  }

  #take({ id, method, params, result, error }: Record<string, unknown>): void {
    if (method === 'elicitation/create')
      void this.#send({ id, result: { action: 'accept', content: defaultsOf(params) } })
    else if (method === 'ping') void this.#send({ id, result: {} })
    if (method !== undefined || typeof id !== 'number') return
    if (error === undefined) this.#pending.get(id)?.resolve(result)
    else this.#pending.get(id)?.reject(new Error(JSON.stringify(error)))
  }
}

/** Somebody who changes nothing in the form. */
function defaultsOf(params: unknown): Record<string, unknown> {
  const schema = isJsonObject(params) && isJsonObject(params.requestedSchema) ? params.requestedSchema : {}
  const fields = isJsonObject(schema.properties) ? Object.entries(schema.properties) : []
  return Object.fromEntries(
    fields.flatMap(([name, field]) => (isJsonObject(field) && 'default' in field ? [[name, field.default]] : [])),
  )
}

await main()
