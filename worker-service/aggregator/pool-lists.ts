import { isDeepStrictEqual } from 'node:util'
import { unlessAborted } from '../../shared/deadline.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerList as ChangedList } from '../routing/outbox.ts'
import type { Clock } from '../server-pool/clock.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import type { ServerPool } from '../server-pool/server-pool.ts'
import { listPages, parseObject } from '../tool-catalog/list-pages.ts'
import { capabilityOf } from '../tool-catalog/paged-lists.ts'
import type { ServerAnswers } from '../tool-catalog/server-answers.ts'
import { pagedListOf, readItems } from './list-kinds.ts'
import { type KnownList, recallList } from './remembered-lists.ts'
import type { ListKind, ServerList, ServerLists } from './server-lists.ts'
import { Turns } from './turns.ts'

/** Is told of lists. */
export interface PoolListsObserver {
  /** A server's list is missing from an answer, and why. */
  listMissing(server: string, kind: ListKind, why: ServiceError): void
  /** There may be more or less in the servers' lists than was answered. */
  listChanged(list: 'prompts' | 'resources'): void
}

/** What lists are asked for with. */
export interface PoolListsParts {
  readonly pool: Pick<ServerPool, 'ask' | 'greet' | 'isReady'>
  /** What is configured at present. */
  readonly servers: () => readonly ServerDefinition[]
  /** What is remembered that a server has answered. */
  readonly answersOf: (server: string) => ServerAnswers
  /** Whether a server could not be listed when it was last asked; whoever keeps asking it says when it can. */
  readonly isHopeless: (server: string) => boolean
  readonly clock: Clock
  readonly observer: PoolListsObserver
}

/** A server's list that was asked for. */
interface Asked<Kind extends ListKind> {
  readonly definition: ServerDefinition
  /** Resolves when it is here, or will not be. */
  readonly settled: Promise<void>
  list: KnownList<Kind> | undefined
  /** Somebody was answered without it. */
  isMissed: boolean
}

const DEADLINE_MS = 5_000
const STARTED_AT_ONCE = 4
const KINDS_BY_LIST = { prompts: ['prompts'], resources: ['resources', 'resourceTemplates'] } as const
const NEVER = new AbortController().signal

/** The lists of a pool's servers, each asked for when it is first wanted, and anew after it has changed. A server that does not run is started for it, unless it is remembered. */
export class PoolLists implements ServerLists {
  readonly #byKind: { readonly [Kind in ListKind]: KindLists<Kind> }
  readonly #observer: PoolListsObserver

  constructor(parts: PoolListsParts) {
    const turns = new Turns(STARTED_AT_ONCE)
    this.#observer = parts.observer
    this.#byKind = {
      prompts: new KindLists('prompts', parts, turns),
      resources: new KindLists('resources', parts, turns),
      resourceTemplates: new KindLists('resourceTemplates', parts, turns),
    }
  }

  of<Kind extends ListKind>(kind: Kind, signal: AbortSignal): Promise<readonly ServerList<Kind>[]> {
    return this.#byKind[kind].all(signal)
  }

  /** A server says that a list of its has changed. */
  changed(server: string, list: ChangedList): void {
    if (list === 'tools') return
    for (const kind of KINDS_BY_LIST[list]) this.#byKind[kind].changed(server)
  }

  /** A server has been asked for all its lists. */
  listed(server: string): void {
    for (const lists of Object.values(this.#byKind)) lists.listed(server)
  }

  /** Other servers are configured than before. */
  configured(): void {
    this.#observer.listChanged('prompts')
    this.#observer.listChanged('resources')
  }

  /** A server has started: what it said before it stopped may be so no longer. */
  started(server: string): void {
    for (const lists of Object.values(this.#byKind)) lists.started(server)
  }
}

/** The lists of one kind. */
class KindLists<Kind extends ListKind> {
  readonly #kind: Kind
  readonly #parts: PoolListsParts
  readonly #turns: Turns
  readonly #asked = new Map<string, Asked<Kind>>()
  /** What clients have of each server, and were not told to renew. */
  readonly #given = new Map<string, KnownList<Kind>['items']>()
  /** Servers that were late and have not listed since: who is not waited for again. */
  readonly #late = new Set<string>()
  /** Servers that were not even asked. */
  readonly #leftOut = new Set<string>()

  constructor(kind: Kind, parts: PoolListsParts, turns: Turns) {
    this.#kind = kind
    this.#parts = parts
    this.#turns = turns
  }

  async all(signal: AbortSignal): Promise<readonly ServerList<Kind>[]> {
    const servers = this.#parts.servers().filter(({ name }) => this.#isToBeAsked(name))
    const asked = servers.map((definition) => this.#ask(definition))
    const expected = asked.filter(({ isMissed }) => !isMissed).map(({ settled }) => settled)
    await this.#untilDeadline(Promise.all(expected), signal)
    for (const one of asked) if (one.list === undefined) this.#miss(one)
    return asked.flatMap(({ definition: { name: server }, list }) => (list ? [{ server, items: list.items }] : []))
  }

  /** A server's list is another now, of which clients are told. */
  changed(server: string): void {
    this.#asked.delete(server)
    this.#given.delete(server)
    this.#parts.observer.listChanged(listOf(this.#kind))
  }

  started(server: string): void {
    if (this.#asked.get(server)?.list !== undefined) this.#asked.delete(server)
  }

  /** A server has been listed. */
  listed(server: string): void {
    const list = recallList(this.#kind, this.#parts.answersOf(server))
    const isNews = list !== undefined && this.#isNews(server, list)
    if (this.#leftOut.delete(server) || isNews) this.changed(server)
  }

  #isToBeAsked(server: string): boolean {
    const { pool, isHopeless } = this.#parts
    if (pool.isReady(server) || !isHopeless(server)) return true
    this.#leftOut.add(server)
    return false
  }

  #ask(definition: ServerDefinition): Asked<Kind> {
    const known = this.#asked.get(definition.name)
    if (known !== undefined && this.#isCurrent(known, definition)) return known
    const asked: Asked<Kind> = {
      definition,
      settled: this.#list(definition).then(
        (list) => this.#came(asked, list),
        (thrown: unknown) => this.#failed(asked, ServiceError.from(thrown)),
      ),
      list: undefined,
      isMissed: this.#late.has(definition.name),
    }
    this.#asked.set(definition.name, asked)
    return asked
  }

  // What a server does not tell of is asked for each time; but none is started for it again.
  #isCurrent({ definition, list }: Asked<Kind>, configured: ServerDefinition): boolean {
    if (!isDeepStrictEqual(definition, configured)) return false
    return list === undefined || list.tells || !this.#parts.pool.isReady(definition.name)
  }

  /** Asks the server, which has deadlines of its own. */
  async #list({ name: server }: ServerDefinition): Promise<KnownList<Kind>> {
    const { pool } = this.#parts
    const kind = this.#kind
    const list = pagedListOf(kind)
    const ask = async () => {
      const { has, tells } = capabilityOf(list, parseObject(await pool.greet(server, NEVER)))
      if (!has) return { items: [], tells: true }
      const { items } = await listPages(pool, { server, list }, NEVER)
      return { items: readItems(kind, items), tells }
    }
    return pool.isReady(server) ? ask() : (recallList(kind, this.#parts.answersOf(server)) ?? this.#turns.do(ask))
  }

  #came(asked: Asked<Kind>, list: KnownList<Kind>): void {
    const { name } = asked.definition
    asked.list = list
    this.#late.delete(name)
    const isNews = this.#isNews(name, list) || (asked.isMissed && list.items.length > 0)
    this.#given.set(name, list.items)
    if (isNews) this.#parts.observer.listChanged(listOf(this.#kind))
  }

  #isNews(server: string, { items }: KnownList<Kind>): boolean {
    const given = this.#given.get(server)
    return given !== undefined && !isDeepStrictEqual(given, items)
  }

  // Who wants the list next asks again.
  #failed(asked: Asked<Kind>, why: ServiceError): void {
    const { name } = asked.definition
    if (this.#asked.get(name) === asked) this.#asked.delete(name)
    this.#parts.observer.listMissing(name, this.#kind, why)
  }

  #miss(asked: Asked<Kind>): void {
    const { name } = asked.definition
    if (asked.isMissed || this.#asked.get(name) !== asked) return
    asked.isMissed = true
    this.#late.add(name)
    const why = `server "${name}": it did not list its ${pagedListOf(this.#kind).name} within ${DEADLINE_MS} ms.`
    this.#parts.observer.listMissing(name, this.#kind, new ServiceError('timeout', why))
  }

  async #untilDeadline(all: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    using _ = this.#parts.clock.setTimeout(resolve, DEADLINE_MS)
    await unlessAborted(Promise.race([all, over]), signal)
  }
}

function listOf(kind: ListKind): 'prompts' | 'resources' {
  return kind === 'prompts' ? 'prompts' : 'resources'
}
