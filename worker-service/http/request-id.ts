import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const SAFE_ID = /^[A-Za-z0-9._-]{1,64}$/

let prefix = ''
let counter = 0

/** The caller's own `x-request-id` where it is safe to write into a log, else a new one, unique over processes. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  if (typeof given === 'string' && SAFE_ID.test(given)) return given
  // Random bytes once per process: drawing them for every request costs more than the rest of its bookkeeping.
  prefix ||= `${randomBytes(6).toString('hex')}-`
  return prefix + (counter++).toString(36)
}
