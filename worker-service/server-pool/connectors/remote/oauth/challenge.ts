import type { LoginChallenge } from './login-store.ts'

/** What a `WWW-Authenticate` header says of the login that is wanted (RFC 9728, RFC 6750). */
export interface ParsedChallenge extends LoginChallenge {
  error?: string
}

const PARAMETER = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi
const MAX_CHARACTERS = 4_096

/** Reads the parameters of a Bearer challenge; empty where there is none. */
export function parseChallenge(header: string | undefined): ParsedChallenge {
  const challenge: ParsedChallenge = {}
  if (header === undefined || !/\bbearer\b/i.test(header)) return challenge
  for (const [, name, quoted, plain] of header.slice(0, MAX_CHARACTERS).matchAll(PARAMETER)) {
    const value = plain ?? quoted?.replaceAll(/\\(.)/g, '$1') ?? ''
    if (name === 'scope' && value !== '') challenge.scope = value
    if (name === 'error') challenge.error = value
    if (name === 'resource_metadata' && URL.canParse(value)) challenge.resourceMetadataUrl = value
  }
  return challenge
}
