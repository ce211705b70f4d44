import type { ApiReply } from './exchange.ts'

/**
 * The path a reply asks to repeat the request at, if that keeps method and body (307, 308) and stays within the origin of
 * `requestUrl`: credentials never leave it.
 */
export function sameOriginRedirect({ status, headers }: ApiReply, requestUrl: string): string | undefined {
  const location = headers.location
  if ((status !== 307 && status !== 308) || typeof location !== 'string') return undefined
  const target = URL.parse(location, requestUrl)
  if (target === null || target.origin !== new URL(requestUrl).origin) return undefined
  return target.pathname + target.search
}
