import { afterEach, describe, expect, it } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'

let http: RunningHttp
afterEach(() => http.close())

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(http.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: response.status, body: await response.json(), retryAfter: response.headers.get('retry-after') }
}

const ATTACH = '/api/v1/tools/attach'
const SEARCH = '/api/v1/tools/search'

describe('the tool-selector API', () => {
  it('attaches, and says it as callers of such an API expect', async () => {
    http = await startTestHttp()
    const request = {
      query: 'read',
      agent_id: 'ada',
      limit: 3,
      min_score: 40,
      keep_tools: ['a/b'],
      request_heartbeat: true,
    }
    const { status, body } = await post(ATTACH, JSON.stringify(request))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      message: expect.any(String) as string,
      details: { loop_triggered: false },
    })
    expect(http.requests).toEqual([{ ...request, detailed_response: false, compact: false }])
  })

  it.each([
    ['a field that cannot be read', ATTACH, '{"limit":"abc"}', /^limit: /],
    ['no object', ATTACH, '[]', /^body: /],
    ['truncated JSON', ATTACH, '{"query":', /JSON decode error/],
    ['no query', SEARCH, '{}', /^query: /],
    ['too high a limit', SEARCH, '{"query":"x","limit":101}', /^limit: /],
    ['truncated JSON', SEARCH, '{"query":', /JSON decode error/],
  ])('answers 400 with an error to %s at %s', async (_, path, sent, error) => {
    http = await startTestHttp()
    const { status, body } = await post(path, sent)
    expect(status).toBe(400)
    expect(body).toEqual({ error: expect.stringMatching(error) as string })
  })

  it('answers 500 with why where selecting fails', async () => {
    http = await startTestHttp({ attach: () => Promise.reject(new ServiceError('selector_failed', 'It is away.')) })
    expect(await post(ATTACH, '{"query":"read"}')).toMatchObject({
      status: 500,
      body: { success: false, error: 'It is away.' },
    })
  })

  it('answers 503 to what is to be asked again, with when', async () => {
    const overloaded = new ServiceError('overloaded', 'Too many calls.', { retryAfterMs: 2_000 })
    http = await startTestHttp({ attach: () => Promise.reject(overloaded) })
    expect(await post(ATTACH, '{"query":"read"}')).toMatchObject({ status: 503, retryAfter: '2' })
  })

  it.each(['/api/v1/health', '/api/health'])('says at %s that it is healthy', async (path) => {
    http = await startTestHttp()
    const response = await fetch(http.url + path)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'healthy' })
  })
})
