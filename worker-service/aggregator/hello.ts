import { copyToKeep } from '../../shared/copy-to-keep.ts'
import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import { LATEST_PROTOCOL_VERSION, negotiateVersion } from '../../shared/frames/protocol-version.ts'
import { parseHello } from '../routing/hello.ts'

/** What a client said in initialize, for the servers it meets later. */
export interface ClientHello {
  /** The version that it is answered with. */
  readonly protocolVersion: string
  /** Its params, JSON text as they came. */
  readonly params: Buffer
  /** Whether it knows links to resources among the contents of a result. */
  readonly knowsLinks: boolean
}

// Links came with this version; versions are dates.
const LINKS_SINCE = '2025-06-18'

/** Reads an initialize request; undefined when its params lack a version or capabilities. */
export function readHello(frame: RequestFrame): ClientHello | undefined {
  const hello = parseHello(frame)
  const span = frame.spans.get('params')
  if (hello === undefined || span === undefined) return undefined
  const protocolVersion = negotiateVersion(hello.protocolVersion, LATEST_PROTOCOL_VERSION)
  // A copy: what the frame came in is larger, and this stays.
  const params = copyToKeep(frame.bytes.subarray(span.start, span.end))
  return { protocolVersion, params, knowsLinks: protocolVersion >= LINKS_SINCE }
}
