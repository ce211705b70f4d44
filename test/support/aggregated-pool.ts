import { vi } from 'vitest'
import type { ServiceError } from '../../shared/errors/service-error.ts'
import { Aggregator } from '../../worker-service/aggregator/aggregator.ts'
import { PoolLists } from '../../worker-service/aggregator/pool-lists.ts'
import type { PoolClient } from '../../worker-service/server-pool/client-session.ts'
import { LiveCatalog } from '../../worker-service/tool-catalog/live-catalog.ts'
import { NO_ANSWERS, type ServerAnswers } from '../../worker-service/tool-catalog/server-answers.ts'
import { toRemembered } from '../../worker-service/tool-catalog/server-listing.ts'
import type { ListedServer } from '../../worker-service/tool-catalog/tool-catalog.ts'
import type { AttachingCaller, Attachments } from '../../worker-service/tool-selection/attachments.ts'
import { createFindTools } from '../../worker-service/tool-selection/find-tools.ts'
import { createEmbeddedSelector } from '../../worker-service/tool-selection/selectors/embedded-selector.ts'
import { ToolNames } from '../../worker-service/tool-selection/tool-names.ts'
import { FakePool } from './fake-pool.ts'
import type { FakeConnection, Message } from './fake-servers.ts'
import { fixtureServer } from './fixture-server.ts'
import { TestClient } from './pool-client.ts'

type Who = ConstructorParameters<typeof TestClient>[2]

/** All servers of a fake pool at once, with a catalogue that lists what the test says and attachments that nobody keeps. */
export class AggregatedPool implements AsyncDisposable {
  readonly fake = new FakePool()
  readonly aggregator: Aggregator
  readonly catalog: LiveCatalog
  /** What nobody foresaw. */
  readonly unexpected: unknown[] = []
  /** Lists that were missing from answers, and why. */
  readonly missing: [server: string, kind: string, why: ServiceError][] = []
  readonly lists: PoolLists
  pinned = ''
  /** What servers are remembered to have answered. */
  readonly remembered = new Map<string, ServerAnswers>()
  /** Servers that were asked in vain. */
  readonly hopeless = new Set<string>()
  maxResultBytes = 0
  readonly #attachments = new MemoryAttachments()

  private constructor(servers: readonly ListedServer[]) {
    const { pool, clock } = this.fake
    this.catalog = new LiveCatalog(servers.map(({ name }) => name))
    const tools = {
      catalog: this.catalog,
      names: new ToolNames(),
      attachments: this.#attachments,
      isPinned: (server: string, tool: string) => `${server}/${tool}` === this.pinned,
    }
    const selector = createEmbeddedSelector(tools)
    this.lists = new PoolLists({
      answersOf: (server) => this.remembered.get(server) ?? NO_ANSWERS,
      isHopeless: (server) => this.hopeless.has(server),
      pool,
      servers: () => servers.map(({ name }) => fixtureServer('fake', { name })),
      clock,
      observer: {
        listMissing: (...missing) => this.missing.push(missing),
        listChanged: (list) => this.aggregator.listChanged(list),
      },
    })
    let lastId = 0
    this.aggregator = new Aggregator({
      servers: {
        check: (server) => void pool.row(server),
        connect: (server, client) => pool.connect(server, client),
        isRunning: (server) => pool.isReady(server),
      },
      findTools: createFindTools({ selector, maxLimit: 25 }),
      tools: {
        ...tools,
        isWithheld: (server, tool) => this.fake.whyWithheld(server, tool) !== undefined,
        askSummary: undefined,
        suggest: async (text, signal) => (await selector.search(text, 2, signal)).map(({ tool_id: id }) => id),
        maxLimit: 25,
      },
      lists: this.lists,
      maxResultBytes: () => this.maxResultBytes,
      clock,
      newId: () => `id-${++lastId}`,
      unexpected: (...what) => this.unexpected.push(what),
    })
  }

  /** Makes these the configured servers, listed already. */
  static async of(servers: readonly ListedServer[]): Promise<AggregatedPool> {
    const aggregated = new AggregatedPool(servers)
    await aggregated.fake.configure(...servers.map(({ name }) => name))
    for (const server of servers) aggregated.list(server)
    return aggregated
  }

  /** The server lists these tools from now on. */
  list({ name, ...listing }: ListedServer): void {
    this.catalog.accept(fixtureServer('fake', { name }), toRemembered({ ...listing, withheld: [] }))
    this.aggregator.listChanged('tools')
  }

  /** A client that has said hello. */
  client(who: Who = {}): TestClient {
    return new TestClient({ connect: (_, client: PoolClient) => this.aggregator.connect(client) }, 'all', who)
  }

  /** The process of a server, once it runs. */
  process(name: string): Promise<FakeConnection> {
    return vi.waitFor(() => {
      const found = this.fake.servers.running.find(({ definition }) => definition.name === name)
      if (found === undefined) throw new Error(`${name} does not run`)
      return found
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fake[Symbol.asyncDispose]()
    this.aggregator[Symbol.dispose]()
  }
}

/** The first call that a server got, once it has. */
export async function called(server: FakeConnection): Promise<Message> {
  return vi.waitFor(() => {
    const [call] = server.calls
    if (call === undefined) throw new Error('it was not called')
    return call
  })
}

class MemoryAttachments implements Attachments {
  readonly #idsByCaller = new Map<string, string[]>()
  /** The agents that sessions have named last. */
  readonly #agents = new Map<string, string>()

  async of(caller: AttachingCaller): Promise<string[]> {
    return this.#idsByCaller.get(this.#keyOf(caller)) ?? []
  }

  async replace(caller: AttachingCaller, { found, isKept }: Parameters<Attachments['replace']>[1]) {
    if (caller.kind === 'session') this.#agents.delete(caller.id)
    else if (caller.session !== undefined) this.#agents.set(caller.session, caller.id)
    const before = await this.of(caller)
    const staying = before.filter((id) => found.includes(id) || isKept(id))
    this.#idsByCaller.set(this.#keyOf(caller), [...new Set([...staying, ...found])])
    return { detached: before.filter((id) => !staying.includes(id)), preserved: staying, failed: [] }
  }

  #keyOf({ kind, id }: AttachingCaller): string {
    const agent = kind === 'session' ? this.#agents.get(id) : id
    return agent === undefined ? `session ${id}` : `agent ${agent}`
  }
}
