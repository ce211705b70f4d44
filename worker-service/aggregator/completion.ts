import { ServiceError } from '../../shared/errors/service-error.ts'
import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import { replaceSpans } from '../../shared/frames/frame-write.ts'
import { locateIn, type WantedMembers } from '../../shared/frames/locate-members.ts'
import { readParams } from '../../shared/frames/read-params.ts'
import { toRaw } from '../../shared/frames/to-raw.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { ServerRequest } from './outcome.ts'
import type { Prompts } from './prompts.ts'
import type { Resources } from './resources.ts'

/** What can be completed. */
export interface Completable {
  readonly prompts: Prompts
  readonly resources: Resources
}

type RefPath = 'params' | 'ref' | 'name' | 'uri'

const REF: WantedMembers<RefPath> = new Map([
  ['name', { path: 'name' }],
  ['uri', { path: 'uri' }],
])
const PARAMS: WantedMembers<RefPath> = new Map([['ref', { path: 'ref', within: REF }]])
const FRAME: WantedMembers<RefPath> = new Map([['params', { path: 'params', within: PARAMS }]])

/** What comes of completion/complete: the server that has the prompt or template. */
export async function complete(
  frame: RequestFrame,
  { prompts, resources }: Completable,
  signal: AbortSignal,
): Promise<ServerRequest> {
  const { ref } = readParams(frame)
  const { type, name, uri } = isJsonObject(ref) ? ref : {}
  switch (type) {
    case 'ref/prompt': {
      const prompt = await prompts.resolve(textOf(name), signal)
      return { server: prompt.server, bytes: rewriteRef(frame, 'name', prompt.name) }
    }
    case 'ref/resource': {
      const resource = await resources.resolve(textOf(uri), signal)
      return { server: resource.server, bytes: rewriteRef(frame, 'uri', resource.uri) }
    }
    default:
      throw new ServiceError('invalid_request', 'The ref must be of type "ref/prompt" or "ref/resource".')
  }
}

function rewriteRef({ bytes }: RequestFrame, path: 'name' | 'uri', text: string): Buffer {
  const { spans, twice } = locateIn(bytes, FRAME)
  const span = spans.get(path)
  if (span === undefined || twice !== undefined) {
    throw new ServiceError('invalid_request', 'A member of the ref must not stand there twice.')
  }
  return replaceSpans(bytes, [{ span, raw: toRaw(text) }])
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
