import type { Environment } from '../shared/environment.ts'
import { RememberedLists } from './aggregator/remembered-lists.ts'
import { loadServerConfiguration, type ServerConfiguration, sourcesOf } from './config/server-configuration.ts'
import { createConnector } from './server-pool/connectors/open-connection.ts'
import type { ServiceServers } from './service.ts'
import type { ListingPool } from './tool-catalog/listing-pool.ts'
import type { ServersCatalog } from './tool-catalog/open-catalog.ts'
import { NO_ANSWERS } from './tool-catalog/server-answers.ts'
import type { ListServer } from './tool-catalog/server-listing.ts'

/** Where the servers are configured, and what `${VAR}` stands for there; servers inherit their part of it. */
interface PassingServersOptions {
  readonly environment: Environment
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** The configured servers of a process that passes: whichever must be is started to be listed, and ended. Mostly none must be. */
export class PassingServers implements ServiceServers, AsyncDisposable {
  readonly #options: PassingServersOptions
  #configuration: Promise<ServerConfiguration> | undefined
  #pool: Promise<ListingPool> | undefined
  #catalog: ServersCatalog | undefined

  constructor(options: PassingServersOptions) {
    this.#options = options
  }

  /** Is read when it is first asked for. Rejects with `invalid_configuration`. */
  configured(): Promise<ServerConfiguration> {
    const { environment, variables } = this.#options
    this.#configuration ??= loadServerConfiguration(sourcesOf(environment, variables))
    return this.#configuration
  }

  readonly listServer: ListServer = async (definition, signal) => {
    this.#pool ??= this.#open()
    const { listServer } = await this.#pool
    return listServer(definition, signal)
  }

  isRunning(): boolean {
    return false
  }

  whyClosed(): undefined {}

  /** Nothing is to be told of servers that are gone at once. */
  listedIn(catalog: ServersCatalog): void {
    this.#catalog = catalog
  }

  /** The lists that servers have besides tools, as far as they are remembered. */
  async openLists(): Promise<RememberedLists> {
    const { servers } = await this.configured()
    const names = servers.map(({ name }) => name)
    return new RememberedLists(names, (server) => this.#catalog?.answersOf(server) ?? NO_ANSWERS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pool = await this.#pool
    await pool?.[Symbol.asyncDispose]()
  }

  async #open(): Promise<ListingPool> {
    const { servers } = await this.configured()
    const { ListingPool } = await import('./tool-catalog/listing-pool.ts')
    return new ListingPool(servers, createConnector({ variables: this.#options.variables, supervision: 'own' }))
  }
}
