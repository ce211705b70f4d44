import { ServiceError } from '../../shared/errors/service-error.ts'
import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import { refuseCursor } from './refuse-cursor.ts'
import { fromClientUri, matchesTemplate, type ServerResource, toClientUri } from './resource-uris.ts'
import type { ServerLists } from './server-lists.ts'

/** A resource that a client means; `isNamespaced` where it said so by the URI that we show for it. */
export interface MeantResource extends ServerResource {
  readonly isNamespaced: boolean
}

/** The resources of all servers, under URIs that say which server's they are. */
export class Resources {
  readonly #lists: ServerLists

  constructor(lists: ServerLists) {
    this.#lists = lists
  }

  /** Answers resources/list, in the order of the servers and as each has them. */
  async list(frame: RequestFrame, signal: AbortSignal): Promise<string> {
    refuseCursor(frame)
    const lists = await this.#lists.of('resources', signal)
    const resources = lists.flatMap(({ server, items }) =>
      items.map((resource) => ({ ...resource, uri: toClientUri({ server, uri: resource.uri }) })),
    )
    return JSON.stringify({ resources })
  }

  /** Answers resources/templates/list, likewise. */
  async listTemplates(frame: RequestFrame, signal: AbortSignal): Promise<string> {
    refuseCursor(frame)
    const lists = await this.#lists.of('resourceTemplates', signal)
    const resourceTemplates = lists.flatMap(({ server, items }) =>
      items.map((template) => ({ ...template, uriTemplate: toClientUri({ server, uri: template.uriTemplate }) })),
    )
    return JSON.stringify({ resourceTemplates })
  }

  /**
   * The resource, or template, that a URI means: one of ours says so itself; a server's own is that of the only server that lists it, or
   * that of the only one that has a template it may be made of. Throws `invalid_request` where there is none, or several.
   */
  resolve(uri: string | undefined, signal: AbortSignal): MeantResource | Promise<MeantResource> {
    if (uri === undefined) throw new ServiceError('invalid_request', 'The URI of the resource is missing.')
    const named = fromClientUri(uri)
    return named === undefined ? this.#find(uri, signal) : { ...named, isNamespaced: true }
  }

  async #find(uri: string, signal: AbortSignal): Promise<MeantResource> {
    const [resources, templates] = await Promise.all([
      this.#lists.of('resources', signal),
      this.#lists.of('resourceTemplates', signal),
    ])
    const listing = resources.filter(({ items }) => items.some((resource) => resource.uri === uri))
    const matching = templates.filter(({ items }) => items.some(({ uriTemplate }) => isMadeOf(uriTemplate, uri)))
    const candidates = listing.length > 0 ? listing : matching
    const [only, ...others] = candidates.map(({ server }) => ({ server, uri, isNamespaced: false }))
    if (only !== undefined && others.length === 0) return only
    throw new ServiceError('invalid_request', describeFailure(uri, only === undefined ? [] : [only, ...others]))
  }
}

function isMadeOf(template: string, uri: string): boolean {
  return template === uri || matchesTemplate(template, uri)
}

function describeFailure(uri: string, candidates: readonly ServerResource[]): string {
  const quoted = JSON.stringify(uri)
  if (candidates.length > 0) return `Several servers have ${quoted}. Say ${candidates.map(toClientUri).join(' or ')}.`
  const example = toClientUri({ server: '<server>', uri: '<uri>' })
  return `No server lists the resource ${quoted}. Say whose it is: ${example}.`
}
