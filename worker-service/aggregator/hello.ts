import { INSTRUCTIONS, SERVER_INFO } from '../../shared/contracts/greeting.ts'
import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import { LATEST_PROTOCOL_VERSION, negotiateVersion } from '../../shared/frames/protocol-version.ts'
import { copyToKeep } from '../routing/copy-to-keep.ts'
import { parseHello } from '../routing/hello.ts'

/** What a client said in initialize, for the servers it meets later. */
export interface ClientHello {
  readonly protocolVersion: string
  /** Its params, JSON text as they came. */
  readonly params: Buffer
}

const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
}

/** Reads an initialize request; undefined when its params lack a version or capabilities. */
export function readHello(frame: RequestFrame): ClientHello | undefined {
  const hello = parseHello(frame)
  const span = frame.spans.get('params')
  if (hello === undefined || span === undefined) return undefined
  // A copy: what the frame came in is larger, and this stays.
  return { protocolVersion: hello.protocolVersion, params: copyToKeep(frame.bytes.subarray(span.start, span.end)) }
}

/** The result of initialize, JSON text. No server has a part in it: what they can do shows in the lists. */
export function greetingResult({ protocolVersion }: ClientHello): string {
  return JSON.stringify({
    protocolVersion: negotiateVersion(protocolVersion, LATEST_PROTOCOL_VERSION),
    capabilities: CAPABILITIES,
    serverInfo: SERVER_INFO,
    instructions: INSTRUCTIONS,
  })
}
