import { ServiceError } from '../../shared/errors/service-error.ts'
import { type NotificationFrame, type RequestFrame, readString } from '../../shared/frames/frame-scan.ts'
import { replaceSpans, rewriteFrame } from '../../shared/frames/frame-write.ts'
import { JsonScanner, type Span } from '../../shared/frames/json-scanner.ts'
import { toRaw } from '../../shared/frames/to-raw.ts'
import { valueAt } from '../../shared/frames/value-at.ts'
import { covers } from '../routing/subscriptions.ts'
import type { Outcome, ServerRequest } from './outcome.ts'
import { toClientUri } from './resource-uris.ts'
import type { MeantResource, Resources } from './resources.ts'
import { resultIdOf, toResultUri } from './shorten-result.ts'

/** What one client does with resources. */
export class SessionResources {
  readonly #resources: Resources
  readonly #findResult: (id: string) => string | undefined
  /** What it subscribed to by a server's own URI, so that it hears of it by that: URIs by server. */
  readonly #subscribedByOwnUri = new Map<string, Set<string>>()

  /** `findResult` gives the text of a result that was kept for the client, by its id. */
  constructor(resources: Resources, findResult: (id: string) => string | undefined) {
    this.#resources = resources
    this.#findResult = findResult
  }

  /** What comes of a request about one resource: the server to ask, or a result that was kept. */
  request(frame: RequestFrame, signal: AbortSignal): Outcome | Promise<Outcome> {
    const resultId = frame.method === 'resources/read' ? resultIdOf(readString(frame, 'params.uri') ?? '') : undefined
    if (resultId !== undefined) return this.#readResult(resultId)
    const meant = this.#resources.resolve(readString(frame, 'params.uri'), signal)
    return meant instanceof Promise ? meant.then((found) => this.#ask(frame, found)) : this.#ask(frame, meant)
  }

  /** A server's news of a resource, under the URI by which the client knows it. */
  updated(server: string, frame: NotificationFrame): Buffer {
    const uri = readString(frame, 'params.uri')
    if (uri === undefined || this.#knowsByOwnUri(server, uri)) return frame.bytes
    return rewriteFrame(frame, { 'params.uri': toRaw(toClientUri({ server, uri })) })
  }

  #readResult(id: string): string {
    const text = this.#findResult(id)
    if (text !== undefined)
      return JSON.stringify({ contents: [{ uri: toResultUri(id), mimeType: 'text/plain', text }] })
    throw new ServiceError(
      'invalid_request',
      `There is no result ${JSON.stringify(id)}, or no longer: call the tool again.`,
    )
  }

  #ask(frame: RequestFrame, { server, uri, isNamespaced }: MeantResource): ServerRequest {
    if (!isNamespaced) {
      if (frame.method === 'resources/subscribe') this.#ownUris(server).add(uri)
      if (frame.method === 'resources/unsubscribe') this.#ownUris(server).delete(uri)
      return { server, bytes: frame.bytes }
    }
    const bytes = rewriteFrame(frame, { 'params.uri': toRaw(uri) })
    if (frame.method !== 'resources/read') return { server, bytes }
    return { server, bytes, toClient: (answer) => namespaceContents(server, answer) }
  }

  #knowsByOwnUri(server: string, uri: string): boolean {
    return this.#ownUris(server)
      .values()
      .some((subscribed) => covers(subscribed, uri))
  }

  #ownUris(server: string): Set<string> {
    const uris = this.#subscribedByOwnUri.get(server) ?? new Set()
    this.#subscribedByOwnUri.set(server, uris)
    return uris
  }
}

/** The answer to resources/read with the URI of each of its contents as clients see it. Contents themselves are not looked into. */
function namespaceContents(server: string, bytes: Buffer): Buffer {
  const replacements = contentUris(bytes).flatMap((span) => {
    const uri = valueAt(bytes, span)
    return typeof uri === 'string' ? [{ span, raw: toRaw(toClientUri({ server, uri })) }] : []
  })
  return replaceSpans(bytes, replacements)
}

function contentUris(frame: Buffer): Span[] {
  const scanner = new JsonScanner(frame)
  const uris: Span[] = []
  const within = (wanted: string, read: () => void) => {
    if (!scanner.isAtObject()) return void scanner.value()
    scanner.object((name) => (name === wanted ? read() : scanner.value()))
  }
  const readContent = () => within('uri', () => void uris.push(scanner.value()))
  const readContents = () => {
    if (scanner.isAtArray()) scanner.array(readContent)
    else scanner.value()
  }
  within('result', () => within('contents', readContents))
  return uris
}
