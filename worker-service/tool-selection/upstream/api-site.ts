import { ServiceError } from '../../../shared/errors/service-error.ts'

/** An HTTP API that selecting tools needs: where it is and what it is told of us. */
export interface ApiSite {
  /** What it is, as the first words of a sentence ("Tool selector"). */
  name: string
  /** The variables that say where it is and who we are, for remedies. */
  variables: ApiVariables
  /** `http://host:port`, as undici names a destination. */
  origin: string
  /** What stands before the API's own paths, without a trailing slash; usually empty. */
  basePath: string
  /** Origin and base path: safe to show, without credentials or query. */
  url: string
  /** Headers of every request, names and values in turn. */
  headers: string[]
  /** What must never be quoted back. */
  secrets: readonly string[]
}

interface ApiVariables {
  url: string
  secret: string
}

/** A header that says who we are; it is left out where there is no secret. `scheme` stands before the secret. */
interface Credential {
  header: string
  scheme: string
  secret: string | undefined
  variable: string
}

interface SiteOptions {
  name: string
  variables: ApiVariables
  baseUrl: string
  credentials: readonly Credential[]
}

/** The complete form of a base URL and credentials. Throws `invalid_configuration` for what cannot be sent. */
export function resolveApiSite({ name, variables, baseUrl, credentials }: SiteOptions): ApiSite {
  const { origin, pathname } = parseBaseUrl(baseUrl, variables.url)
  const basePath = pathname.replace(/\/+$/, '')
  const headers = ['content-type', 'application/json', 'accept', 'application/json']
  const secrets: string[] = []
  for (const { header, scheme, secret, variable } of credentials) {
    if (secret === undefined) continue
    headers.push(header, `${scheme} ${sendable(variable, secret)}`)
    secrets.push(secret)
  }
  return { name, variables, origin, basePath, url: origin + basePath, headers, secrets }
}

function parseBaseUrl(baseUrl: string, variable: string): URL {
  const url = URL.parse(baseUrl)
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url
  throw new ServiceError('invalid_configuration', `${variable} must be an http:// or https:// URL.`)
}

const SENDABLE = /^[\t\x20-\x7e\x80-\xff]+$/

/** Whether a text can stand in an HTTP header. */
export function isSendable(text: string): boolean {
  return SENDABLE.test(text)
}

function sendable(variable: string, secret: string): string {
  if (isSendable(secret)) return secret
  throw new ServiceError('invalid_configuration', `${variable} holds a character that cannot stand in an HTTP header.`)
}
