import type { LogLevel } from '../routing/log-levels.ts'
import type { ClientHello } from './hello.ts'
import { type LinkParts, ServerLink } from './server-link.ts'

/** One client's links, one for each server it has asked something. */
export class ServerLinks {
  readonly #parts: LinkParts
  readonly #byServer = new Map<string, ServerLink>()
  /** Those whose servers do not keep up. */
  readonly #behind = new Set<ServerLink>()
  #logLevel: LogLevel | undefined

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  /** Whether every server keeps up. */
  get areReading(): boolean {
    return this.#behind.size === 0
  }

  /** The link to a server, opened where there is none; throws why there is no way to it. */
  to(server: string): ServerLink {
    const known = this.#byServer.get(server)
    if (known !== undefined) return known
    const link = new ServerLink(server, this.#parts)
    this.#byServer.set(server, link)
    if (this.#logLevel !== undefined) link.setLogLevel(this.#logLevel)
    return link
  }

  /** Passes a request on over a link, on which the server takes us for the client of that hello. */
  request(link: ServerLink, bytes: Buffer, hello: ClientHello): void {
    if (!link.request(bytes, hello)) this.#behind.add(link)
  }

  /** Passes a notification on to every server. */
  tellAll(bytes: Buffer): void {
    for (const link of this.#byServer.values()) link.send(bytes)
  }

  /** The client wants log messages from this level up, of all servers and of those to come. */
  setLogLevel(level: LogLevel): void {
    this.#logLevel = level
    for (const link of this.#byServer.values()) link.setLogLevel(level)
  }

  /** A server has caught up. Returns whether all have with that. */
  drained(link: ServerLink): boolean {
    return this.#behind.delete(link) && this.areReading
  }

  /** Forgets a link that is closed. Returns as {@link drained} does. */
  remove(link: ServerLink): boolean {
    if (this.#byServer.get(link.server) === link) this.#byServer.delete(link.server)
    return this.drained(link)
  }

  /** Leaves every server. */
  close(): void {
    const links = [...this.#byServer.values()]
    this.#byServer.clear()
    for (const link of links) link.close()
  }
}
