import { readFileSync } from 'node:fs'
import type { Environment } from '../environment.ts'

// Anything else cannot stand in a header, so that it cannot be the token either.
const HEADER_TEXT = /^[\x21-\x7e]+$/

/** The worker's token: the one given, else what its file holds now. Undefined when there is none, or it is not ours to read. */
export function readWorkerToken({ token, tokenFile }: Environment['worker']): string | undefined {
  try {
    const text = token ?? readFileSync(tokenFile, 'utf8').trim()
    return HEADER_TEXT.test(text) ? text : undefined
  } catch {
    return undefined
  }
}
