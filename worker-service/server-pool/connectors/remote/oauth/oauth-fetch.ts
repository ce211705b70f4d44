import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ServiceError } from '../../../../../shared/errors/service-error.ts'
import { isPrivateWay } from '../../../../../shared/private-way.ts'
import { HttpExchange } from '../http-exchange.ts'
import { readBody } from '../message-body.ts'

const TIMEOUT_MS = 30_000
const MAX_BODY_BYTES = 1024 * 1024
const BODILESS = new Set([204, 205, 304])

/**
 * A fetch for the SDK's OAuth client: over undici, bounded in time and size, and only to places that secrets may travel to (`own` is the
 * origin of the MCP server itself, which its configuration answers for). No header of a configuration ever goes with it.
 */
export function createOAuthFetch(own: string, signal: AbortSignal): FetchLike {
  return async (input, init = {}) => {
    const url = new URL(input)
    if (!isPrivateWay(url) && url.origin !== own) {
      throw new ServiceError('forbidden', `The login would go over ${url.origin}, which is not https. It is not done.`)
    }
    const { Agent } = await import('undici')
    await using agent = Object.assign(new Agent({ allowH2: false }), {
      async [Symbol.asyncDispose]() {
        await agent.destroy()
      },
    })
    const body = await bodyOf(init.body)
    const exchange = new HttpExchange()
    const method = init.method === 'POST' ? 'POST' : 'GET'
    const request = {
      method,
      path: url.pathname + url.search,
      headers: [...new Headers(init.headers)].flat(),
      headersTimeoutMs: TIMEOUT_MS,
      bodyTimeoutMs: TIMEOUT_MS,
      ...(body === undefined ? {} : { body }),
    } as const
    exchange.start({ agent, origin: url.origin }, request, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
    const { status, headers } = await exchange.head
    const answer = await readBody(exchange, MAX_BODY_BYTES, () => new Error('The answer is too large.'))
    const pairs = Object.entries(headers).flatMap(([name, value = '']) =>
      [value].flat().map((one) => [name, one] as [string, string]),
    )
    // The SDK recognises answers by the class of the platform, not of undici.
    return new Response(BODILESS.has(status) ? null : new Uint8Array(answer), { status, headers: pairs })
  }
}

async function bodyOf(body: RequestInit['body']): Promise<Buffer | undefined> {
  if (body === undefined || body === null) return undefined
  return Buffer.from(await new Response(body).arrayBuffer())
}
