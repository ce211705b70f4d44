import { basename } from 'node:path'
import { LOOPBACK_NAMES } from '../../../shared/private-way.ts'
import type { OwnEntry } from './translate-entry.ts'

const PROGRAM = /^(pilot|pilot\.cjs|pilotlight(@.+)?)$/
const FACE = /^\/mcp(\/[^/]*)?$/

/** Whether an entry is Pilotlight itself, by whichever way a client reaches it: a worker that started it would wait for itself. */
export function isPilotlight({ command, args, url }: OwnEntry, ownPort: number): boolean {
  if (typeof url === 'string') {
    const { hostname = '', port = '', pathname = '' } = URL.parse(url) ?? {}
    return LOOPBACK_NAMES.includes(hostname) && port === String(ownPort) && FACE.test(pathname)
  }
  const words = [command, ...(Array.isArray(args) ? args : [])].filter((word) => typeof word === 'string')
  // A server that is only given our folder is none of us.
  return words
    .slice(0, 3)
    .some((word, at) => PROGRAM.test(basename(word)) && ['mcp', 'connect', undefined].includes(words[at + 1]))
}
