import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../../shared/errors/message-of.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { ListedServer, ToolCatalog, ToolDefinition } from '../../tool-catalog/tool-catalog.ts'
import { type ToolText, toToolText } from './embedded-text.ts'
import type { EmbeddingsClient } from './embeddings-client.ts'
import type { EndpointHealth } from './endpoint-health.ts'
import type { VectorFile } from './vector-file.ts'
import { VectorTable } from './vector-table.ts'

interface ToolVectorsOptions {
  client: Pick<EmbeddingsClient, 'embed' | 'embedOne'>
  file: VectorFile
  health: EndpointHealth
  /** The deadline of a question whether the endpoint answers, in milliseconds. */
  probeTimeoutMs: number
  pause?: RetryPause
  warn: (message: string) => void
}

/** How long to wait before an endpoint that failed is asked again: the least at first, twice as long each time, up to the most. */
export interface RetryPause {
  leastMs: number
  mostMs: number
}

/** A tool, and the server that it is of. */
export interface OwnedTool {
  server: ListedServer
  tool: ToolDefinition
}

/** The rows of tools in a table, in the order of the tools, below 0 where the endpoint would not embed one. */
export interface ToolRows {
  tools: readonly OwnedTool[]
  table: VectorTable
  rows: Int32Array
}

const DEFAULT_PAUSE: RetryPause = { leastMs: 1_000, mostMs: 30_000 }
// A reply of the largest vectors takes some milliseconds to read.
const LARGEST_BATCH = 32
const REFUSED_ROW = -1
const PROBE_TEXT = 'tool'
// Texts are read and hashed for about two milliseconds at a time.
const TEXTS_AT_ONCE = 100
const SAVE_EVERY_MS = 30_000
/** What is not of the catalogue goes when it is more than what is, and this. */
const MAX_UNUSED = 1_000
// What another model gives under the same name is believed when it is given again.
const MISMATCHES_TO_BELIEVE = 3

/**
 * The vectors of a catalogue's tools: those that are kept in the file, and the others as the endpoint gives them, batch after batch in
 * the background. An endpoint that fails is asked again, with growing pauses, until it answers.
 */
export class ToolVectors implements AsyncDisposable {
  readonly #options: ToolVectorsOptions
  readonly #ending = new AbortController()
  readonly #texts = new WeakMap<ToolDefinition, ToolText>()
  /** Keys of texts that the endpoint will not embed. */
  readonly #refused = new Set<string>()
  #table: VectorTable | undefined
  /** Those that were asked for last. */
  #rows: ToolRows | undefined
  #loaded: Promise<void> | undefined
  #filling: Promise<void> | undefined
  #wanted = 0
  #missing = 0
  #isStale = false
  #savedAt = performance.now()
  #unsaved = 0
  #failures = 0
  #mismatches = 0
  #batch = LARGEST_BATCH

  constructor(options: ToolVectorsOptions) {
    this.#options = options
  }

  /** How many tools the catalogue has, and how many of them have been embedded, as far as anybody has looked. */
  get progress(): { tools: number; embedded: number } {
    return { tools: this.#wanted, embedded: this.#wanted - this.#missing }
  }

  /** Reads what is kept. */
  load(): Promise<void> {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  /** Gets the vectors that the tools of a catalogue have not got yet, and finds out whether a lost endpoint is back. Returns at once. */
  refresh(catalog: Pick<ToolCatalog, 'servers'>): void {
    this.#isStale = true
    this.#filling ??= this.#run(catalog)
  }

  /** The rows of all these tools; a count of those that have one where some have none yet. */
  async rowsOf(tools: readonly OwnedTool[]): Promise<ToolRows | { have: number }> {
    if (this.#rows !== undefined && this.#rows.tools === tools && this.#rows.table === this.#table) return this.#rows
    const rows = new Int32Array(tools.length)
    let have = 0
    for (const [place, owned] of tools.entries()) {
      if (place % TEXTS_AT_ONCE === 0 && !this.#texts.has(owned.tool)) await new Promise(setImmediate)
      const row = this.#rowOf(this.#textOf(owned))
      if (row === undefined) continue
      rows[place] = row
      have++
    }
    if (this.#table === undefined || have < tools.length) return { have }
    this.#rows = { tools, table: this.#table, rows }
    return this.#rows
  }

  /** Throws where a vector cannot be compared with those of `known` dimensions, as those here have where nothing else is said. */
  checkDimensions({ length }: Float32Array, known = this.#table?.dimensions ?? length): void {
    this.#mismatches = length === known ? 0 : this.#mismatches + 1
    if (length === known) return
    if (this.#mismatches >= MISMATCHES_TO_BELIEVE) this.#table = undefined
    const message = `The embeddings endpoint answered with vectors of ${length} numbers, where those of tools have ${known}.`
    throw new ServiceError('selector_failed', message)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#filling
  }

  async #load(): Promise<void> {
    const rows = await this.#options.file.read()
    if (rows !== undefined) this.#table = new VectorTable(rows.dimensions, rows)
  }

  get #hasWork(): boolean {
    return !this.#ending.signal.aborted && (this.#isStale || this.#options.health.whyLost !== undefined)
  }

  // Between the last look at whether there is work and the end nothing is waited for: a refresh then begins anew.
  async #run(catalog: Pick<ToolCatalog, 'servers'>): Promise<void> {
    await this.load()
    while (this.#hasWork) {
      this.#isStale = false
      await this.#tryToFill(catalog)
      if (!this.#hasWork) await this.#save()
    }
    this.#filling = undefined
  }

  async #tryToFill(catalog: Pick<ToolCatalog, 'servers'>): Promise<void> {
    const { health } = this.#options
    const { signal } = this.#ending
    try {
      const texts = await this.#textsOf(catalog)
      this.#dropUnused(texts)
      const missing = texts.filter((text) => this.#rowOf(text) === undefined)
      this.#wanted = texts.length
      this.#missing = missing.length
      if (health.whyLost !== undefined) await this.#probe()
      for (let i = 0; i < missing.length && !this.#isStale; i += this.#batch) {
        const batch = missing.slice(i, i + this.#batch)
        await this.#embed(batch)
        this.#missing -= batch.length
      }
      this.#failures = 0
    } catch (thrown) {
      if (signal.aborted) return
      await this.#waitAfter(ServiceError.from(thrown))
    }
  }

  async #waitAfter({ code, message, retryAfterMs = 0 }: ServiceError): Promise<void> {
    const { health, pause: { leastMs, mostMs } = DEFAULT_PAUSE } = this.#options
    health.failed(message)
    if (code === 'selector_timeout') this.#batch = Math.ceil(this.#batch / 2)
    const pauseMs = Math.max(Math.min(leastMs * 2 ** this.#failures++, mostMs), retryAfterMs)
    await sleep(pauseMs, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {})
  }

  // Halves what is refused until it is known which text it was: if it is a text.
  async #embed(texts: readonly ToolText[]): Promise<void> {
    const { client, health } = this.#options
    const vectors = await client.embed(
      texts.map(({ text }) => text),
      this.#ending.signal,
    )
    if ('refused' in vectors) {
      await this.#probe()
      if (texts.length === 1) for (const { key } of texts) this.#refused.add(key)
      else {
        const half = Math.ceil(texts.length / 2)
        await this.#embed(texts.slice(0, half))
        await this.#embed(texts.slice(half))
      }
      return
    }
    health.succeeded()
    this.#add(texts, vectors)
    if (performance.now() - this.#savedAt >= SAVE_EVERY_MS) await this.#save()
  }

  #add(texts: readonly ToolText[], vectors: readonly Float32Array[]): void {
    texts.forEach(({ key }, place) => {
      const { [place]: vector } = vectors
      if (vector === undefined) return
      this.checkDimensions(vector)
      this.#table ??= new VectorTable(vector.length)
      this.#table.add(key, vector)
      this.#unsaved++
    })
  }

  async #probe(): Promise<void> {
    const { client, health, probeTimeoutMs } = this.#options
    this.checkDimensions(await client.embedOne(PROBE_TEXT, probeTimeoutMs, this.#ending.signal))
    health.succeeded()
  }

  async #textsOf(catalog: Pick<ToolCatalog, 'servers'>): Promise<ToolText[]> {
    const texts: ToolText[] = []
    for (const server of catalog.servers()) {
      for (const tool of server.tools) {
        texts.push(this.#textOf({ server, tool }))
        if (texts.length % TEXTS_AT_ONCE === 0) await new Promise(setImmediate)
      }
    }
    return texts
  }

  #textOf({ server, tool }: OwnedTool): ToolText {
    const known = this.#texts.get(tool) ?? toToolText(server, tool)
    this.#texts.set(tool, known)
    return known
  }

  #rowOf({ key }: ToolText): number | undefined {
    return this.#table?.rowOf(key) ?? (this.#refused.has(key) ? REFUSED_ROW : undefined)
  }

  #dropUnused(texts: readonly ToolText[]): void {
    const table = this.#table
    if (table === undefined || table.size <= 2 * texts.length + MAX_UNUSED) return
    const keys = [...new Set(texts.map(({ key }) => key))].filter((key) => table.rowOf(key) !== undefined)
    this.#table = new VectorTable(table.dimensions, table.toRows(keys))
  }

  async #save(): Promise<void> {
    if (this.#unsaved === 0 || this.#table === undefined) return
    try {
      this.#unsaved = 0
      await this.#options.file.write(this.#table.toRows())
    } catch (thrown) {
      this.#options.warn(`Vectors of tools are not kept: ${messageOf(thrown)}`)
    }
    this.#savedAt = performance.now()
  }
}
