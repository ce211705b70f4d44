import { ServiceError } from '../../shared/errors/service-error.ts'
import { type RequestFrame, readString } from '../../shared/frames/frame-scan.ts'
import { rewriteFrame } from '../../shared/frames/frame-write.ts'
import { toRaw } from '../../shared/frames/to-raw.ts'
import type { NamedItem } from '../tool-selection/client-names.ts'
import { GivenNames } from '../tool-selection/given-names.ts'
import { NamedItems, toKnownItems } from './named-items.ts'
import type { ServerRequest } from './outcome.ts'
import { refuseCursor } from './refuse-cursor.ts'
import type { ListedItem, ServerLists } from './server-lists.ts'

/** The prompts of all servers, under names as tools have them. */
export class Prompts {
  readonly #lists: ServerLists
  readonly #names = new GivenNames()

  constructor(lists: ServerLists) {
    this.#lists = lists
  }

  /** Answers prompts/list, in the order of the servers and as each has them. */
  async list(frame: RequestFrame, signal: AbortSignal): Promise<string> {
    refuseCursor(frame)
    const prompts = await this.#current(signal)
    return JSON.stringify({ prompts: prompts.all.map((prompt) => prompts.toClient(prompt)) })
  }

  /** What comes of prompts/get: the server to ask. */
  async get(frame: RequestFrame, signal: AbortSignal): Promise<ServerRequest> {
    const { server, name } = await this.resolve(readString(frame, 'params.name'), signal)
    return { server, bytes: rewriteFrame(frame, { 'params.name': toRaw(name) }) }
  }

  /** The prompt that a name means. Throws `invalid_request` where that is none, or may be several. */
  async resolve(name: string | undefined, signal: AbortSignal): Promise<NamedItem> {
    if (name === undefined) throw new ServiceError('invalid_request', 'The name of the prompt is missing.')
    const prompts = await this.#current(signal)
    const named = prompts.byClientName(name)
    if (named !== undefined) return named
    const [only, ...others] = prompts.meantBy(name)
    if (only !== undefined && others.length === 0) return only
    const near = only === undefined ? prompts.nearestTo(name) : [only, ...others].map(({ id }) => id)
    const remedy = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
    throw new ServiceError('invalid_request', `There is no prompt ${JSON.stringify(name)}.${remedy}`)
  }

  async #current(signal: AbortSignal): Promise<NamedItems<ListedItem>> {
    const lists = await this.#lists.of('prompts', signal)
    const all = lists.flatMap(({ server, items }) => toKnownItems(server, items))
    return new NamedItems(all, this.#names.give(all))
  }
}
