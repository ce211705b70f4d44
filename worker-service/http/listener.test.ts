import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { exchange, post } from '../../test/support/raw-http.ts'
import { startTestHttp } from '../../test/support/test-http.ts'
import { listen } from './listen.ts'

const QUERY = post('/find_tools', '{"query":"x"}')

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
}

describe('the token', () => {
  const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`

  it.each([
    ['auto', '127.0.0.1', 200],
    ['auto', '0.0.0.0', 401],
    ['token', '127.0.0.1', 401],
    ['none', '0.0.0.0', 200],
  ] as const)('with WORKER_AUTH=%s on %s answers /find_tools without a token with %i', async (auth, host, status) => {
    const http = await startTestHttp({ worker: { auth, host } })
    const url = http.url.replace('0.0.0.0', '127.0.0.1')
    const [bare] = await exchange(url, QUERY)
    const [wrong] = await exchange(url, post('/find_tools', '{}', { authorization: 'Bearer wrong' }))
    const [right] = await exchange(url, post('/find_tools', '{}', { authorization: `Bearer ${http.token}` }))
    const [health] = await exchange(url, get('/health'))
    await http.close()
    expect([bare?.status, wrong?.status, right?.status, health?.status]).toEqual([status, status, 200, 200])
  })

  it('is asked for before anything is said about the path or the body', async () => {
    const http = await startTestHttp({ worker: { auth: 'token' } })
    const [unknown] = await exchange(http.url, get('/nothing'))
    const [typed] = await exchange(http.url, post('/find_tools', 'x', { 'content-type': 'text/plain' }))
    await http.close()
    expect([unknown?.status, typed?.status]).toEqual([401, 401])
    expect(unknown?.head.toLowerCase()).toContain('www-authenticate: bearer')
  })
})

describe('an answer', () => {
  it.each([
    ['selector_failed', 502],
    ['selector_timeout', 504],
    ['overloaded', 503],
    ['shutting_down', 503],
  ] as const)('to a call that failed with %s has status %i and the error as its body', async (code, status) => {
    const http = await startTestHttp({
      attach: () => Promise.reject(new ServiceError(code, 'Why.', { retryAfterMs: 2_500 })),
    })
    const [answer] = await exchange(http.url, QUERY)
    await http.close()
    expect(answer?.status).toBe(status)
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      status: 'error',
      message: 'Why.',
      code,
      retry_after_ms: 2_500,
      details: null,
    })
    expect(answer?.head.toLowerCase()).toContain('retry-after: 3')
  })

  it.each([
    ['overloaded', true],
    ['shutting_down', true],
    ['server_unavailable', false],
  ] as const)('to a call that failed with %s, which says no time, asks to come back: %s', async (code, comesBack) => {
    const http = await startTestHttp({ attach: () => Promise.reject(new ServiceError(code, 'Why.')) })
    const [answer] = await exchange(http.url, QUERY)
    await http.close()
    expect([answer?.status, answer?.head.toLowerCase().includes('retry-after: 1')]).toEqual([503, comesBack])
  })

  it('tells the caller nothing of an unexpected error', async () => {
    const http = await startTestHttp({ attach: () => Promise.reject(new TypeError('secret of /home/me')) })
    const [answer] = await exchange(http.url, QUERY)
    await http.close()
    expect(answer?.status).toBe(500)
    expect(answer?.body).not.toContain('secret')
  })

  it('carries the request id that was sent, and one of its own where that is not safe', async () => {
    const http = await startTestHttp()
    const [given] = await exchange(http.url, post('/find_tools', '{}', { 'x-request-id': 'abc.1' }))
    const [unsafe] = await exchange(http.url, post('/find_tools', '{}', { 'x-request-id': 'a b<script>' }))
    await http.close()
    expect(given?.head).toContain('x-request-id: abc.1')
    expect(unsafe?.head).toMatch(/x-request-id: [0-9a-f]{12}-\w+/)
  })

  it('is logged once, without the query', async () => {
    const http = await startTestHttp()
    await exchange(http.url, QUERY)
    await exchange(http.url, 'GET /secret-path HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await http.close()
    expect(http.finished.map(({ method, path, route, status }) => ({ method, path, route, status }))).toEqual([
      { method: 'POST', path: '/find_tools', route: '/find_tools', status: 200 },
      { method: 'GET', path: '/secret-path', route: 'other', status: 404 },
    ])
  })
})

describe('a call', () => {
  it('is cancelled when its client leaves', async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>()
    const { promise: started, resolve: start } = Promise.withResolvers<void>()
    const http = await startTestHttp({
      attach: (_request, _caller, signal) => {
        signal.addEventListener('abort', () => resolve(signal.reason))
        start()
        return never(signal)
      },
    })
    const leaving = new AbortController()
    const call = fetch(`${http.url}/find_tools`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"x"}',
      signal: leaving.signal,
    }).catch(() => 'left')
    await started
    leaving.abort()
    expect(await call).toBe('left')
    expect(await cancelled).toMatchObject({ code: 'cancelled' })
    await http.close()
    expect(http.finished).toMatchObject([{ route: '/find_tools', status: 499 }])
  })

  it('that waits behind another on its connection is cancelled and logged like that one when the connection closes', async () => {
    const signals: AbortSignal[] = []
    const http = await startTestHttp({
      attach: (_request, _caller, signal) => {
        signals.push(signal)
        return never(signal)
      },
    })
    const socket = connect(Number(new URL(http.url).port), '127.0.0.1')
    // So many that a warning of too many listeners would be given.
    socket.write(QUERY.repeat(20))
    await vi.waitFor(() => expect(signals).toHaveLength(20))
    socket.destroy()
    await vi.waitFor(() => expect(http.finished).toHaveLength(20))
    expect(new Set(http.finished.map(({ status }) => status))).toEqual(new Set([499]))
    expect(signals.filter(({ aborted }) => !aborted)).toEqual([])
    await http.close()
  })

  it('that is in flight at a stop is finished, and the listener is gone after it', async () => {
    const { promise: finish, resolve: letFinish } = Promise.withResolvers<void>()
    const { promise: started, resolve: start } = Promise.withResolvers<void>()
    const http = await startTestHttp({
      attach: async () => {
        start()
        await finish
        throw new ServiceError('selector_failed', 'Finished.')
      },
    })
    const inFlight = exchange(http.url, QUERY)
    await started
    const closed = http.close()
    letFinish()
    const [answer] = await inFlight
    await closed
    expect(answer?.body).toContain('Finished.')
    expect(answer?.head.toLowerCase()).toContain('connection: close')
    expect(await exchange(http.url, QUERY).catch(() => [])).toEqual([])
  })
})

describe('listening', () => {
  it('says what to do when the port is taken', async () => {
    const first = await listen(() => {}, { host: '127.0.0.1', port: 0 })
    const port = Number(new URL(first.url).port)
    await expect(listen(() => {}, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'server_unavailable',
      message: expect.stringContaining('WORKER_SERVICE_PORT'),
    })
    await first.close(100)
  })

  it('takes another port where that will do', async () => {
    const first = await listen(() => {}, { host: '127.0.0.1', port: 0 })
    const port = Number(new URL(first.url).port)
    const second = await listen(() => {}, { host: '127.0.0.1', port, orAnyPort: true })
    expect(new URL(second.url).port).not.toBe(String(port))
    await Promise.all([first.close(100), second.close(100)])
  })

  it('does not wait for a connection on which nothing was asked', async () => {
    const listener = await listen(() => {}, { host: '127.0.0.1', port: 0 })
    const silent = connect(Number(new URL(listener.url).port), '127.0.0.1')
    const ended = once(silent, 'close')
    await once(silent, 'connect')
    // Another is answered for, so that the listener has met the first one.
    await exchange(listener.url, 'nonsense\r\n\r\n')
    // Far longer than a test may take.
    await listener.close(60_000)
    expect(await ended).toEqual([false])
  })

  it('answers what was sent over another connection right before the stop', async () => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    const listener = await listen(
      (request, response) => {
        if (request.url === '/stop') close(listener.close(60_000))
        response.end('answered')
      },
      { host: '127.0.0.1', port: 0 },
    )
    const early = connect(Number(new URL(listener.url).port), '127.0.0.1')
    await once(early, 'connect')
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`
    // Another is answered for, so that the listener has met the first one.
    const later = connect(Number(new URL(listener.url).port), '127.0.0.1')
    later.write(get('/'))
    await once(later, 'data')
    later.write(get('/stop'))
    early.write(get('/'))
    expect(String(await once(early, 'data'))).toContain('answered')
    later.destroy()
    early.destroy()
    await closed
  })

  it('cuts a connection that holds its request back after the grace', async () => {
    const listener = await listen(() => {}, { host: '127.0.0.1', port: 0 })
    const hanging = exchange(listener.url, QUERY)
    await listener.close(50)
    expect(await hanging).toEqual([])
  })
})

describe('the API description', () => {
  it('names every open route, and the page over it needs nothing from elsewhere', async () => {
    const http = await startTestHttp()
    const document = (await (await fetch(`${http.url}/openapi.json`)).json()) as { openapi: string; paths: object }
    const page = await fetch(`${http.url}/docs`)
    const text = await page.text()
    await http.close()
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/find_tools',
        '/health',
        '/ready',
        '/metrics',
        '/api/v1/tools/attach',
        '/api/v1/tools/search',
      ]),
    )
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//)
  })

  it('describes a request by the same schema that MCP clients see', async () => {
    const http = await startTestHttp()
    const document = await (await fetch(`${http.url}/openapi.json`)).text()
    await http.close()
    expect(document).toContain('"maximum":25')
    expect(document).toContain('keep_tools')
  })
})
