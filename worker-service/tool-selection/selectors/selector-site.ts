import { ServiceError } from '../../../shared/errors/service-error.ts'

/** Where a tool-selector API is and what it is told of us. */
export interface SelectorSite {
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

interface SiteOptions {
  baseUrl: string
  token?: string | undefined
  lettaPassword?: string | undefined
}

/** The complete form of a base URL and its credentials. Throws `invalid_configuration` for what cannot be sent. */
export function resolveSelectorSite({ baseUrl, token, lettaPassword }: SiteOptions): SelectorSite {
  const { origin, pathname } = parseBaseUrl(baseUrl)
  const basePath = pathname.replace(/\/+$/, '')
  const headers = ['content-type', 'application/json', 'accept', 'application/json']
  if (token !== undefined) {
    headers.push('authorization', `Bearer ${sendable('TOOL_SELECTOR_TOKEN', token)}`)
  }
  if (lettaPassword !== undefined) {
    headers.push('x-bare-password', `password ${sendable('LETTA_PASSWORD', lettaPassword)}`)
  }
  const secrets = [token, lettaPassword].filter((secret) => secret !== undefined)
  return { origin, basePath, url: origin + basePath, headers, secrets }
}

function parseBaseUrl(baseUrl: string): URL {
  const url = URL.parse(baseUrl)
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url
  throw new ServiceError('invalid_configuration', 'TOOL_SELECTOR_URL must be an http:// or https:// URL.')
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
