import type { Span } from './json-scanner.ts'

/** The JSON value that stands there. */
export function valueAt(bytes: Buffer, { start, end }: Span): unknown {
  return JSON.parse(bytes.toString('utf8', start, end))
}
