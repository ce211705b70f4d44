import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange, post, type RawAnswer } from '../../test/support/raw-http.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'

let http: RunningHttp
beforeAll(async () => {
  http = await startTestHttp()
})
afterAll(() => http.close())

const GOOD = post('/find_tools', '{"query":"read a file"}')

/** Sends a request and, on the same connection, a good one: what is answered to both. */
async function thenGood(
  bytes: string | Uint8Array | (string | Uint8Array)[],
): Promise<[RawAnswer | undefined, number | undefined]> {
  const [bad, good] = await exchange(http.url, [bytes, GOOD].flat(), 2)
  return [bad, good?.status]
}

function bytesPost(body: Uint8Array): Uint8Array {
  const head = `POST /find_tools HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

function issueOf(answer: RawAnswer | undefined) {
  return (
    JSON.parse(answer?.body ?? '{}') as {
      detail: { type: string; loc: unknown[]; msg: string; ctx?: { error: string } }[]
    }
  ).detail[0]
}

describe('unreadable bodies', () => {
  it.each([
    ['an empty body', '', 'missing'],
    ['truncated JSON', '{"query":"rea', 'json_invalid'],
    ['null', 'null', 'model_attributes_type'],
    ['a number', '1', 'model_attributes_type'],
    ['an array', '[]', 'model_attributes_type'],
    ['a million nested arrays', '['.repeat(500_000) + ']'.repeat(500_000), 'json_invalid'],
    ['a million nested arrays in a field', `{"query":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'json_invalid'],
    ['a limit that is an object', '{"limit":{}}', 'float_type'],
    ['a limit that is no number', '{"limit":"abc"}', 'float_parsing'],
    ['a query that is no string', '{"query":7}', 'string_type'],
    ['an agent id with a space', '{"agent_id":"a b"}', 'string_pattern_mismatch'],
    ['keep_tools that is an object', '{"keep_tools":{}}', 'list_type'],
  ])('answers 422 to %s and serves the next request on the connection', async (_, body, type) => {
    const [bad, good] = await thenGood(post('/find_tools', body))
    expect([bad?.status, issueOf(bad)?.type, good]).toEqual([422, type, 200])
  })

  it('answers 422 to invalid UTF-8', async () => {
    const [bad, good] = await thenGood(bytesPost(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])))
    expect([bad?.status, issueOf(bad)?.ctx?.error, good]).toEqual([422, 'It is not valid UTF-8', 200])
  })

  it('says where the JSON breaks', async () => {
    const [bad] = await exchange(http.url, post('/find_tools', '{"query": nope}'))
    expect(issueOf(bad)?.loc).toEqual(['body', 10])
  })

  it.each([
    ['a byte order mark', '\uFEFF{"query":"x"}', { query: 'x' }],
    ['a lone surrogate', '{"query":"\\ud800"}', { query: '\ud800' }],
    ['duplicate keys, the last of which counts', '{"query":"a","query":"b"}', { query: 'b' }],
    ['__proto__ as data', '{"__proto__":{"polluted":true},"query":"x"}', { query: 'x' }],
    ['control and bidi characters', '{"query":"\\u0000\\u202e\\u001b[31m"}', { query: '\u0000\u202e\u001b[31m' }],
  ])('reads %s', async (_, body, seen) => {
    const [answer] = await exchange(http.url, post('/find_tools', body))
    expect(answer?.status).toBe(200)
    expect(http.requests.at(-1)).toMatchObject(seen)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([
    ['-1', 1],
    ['0', 1],
    ['1.5', 1],
    ['"5"', 5],
    ['"NaN"', 10],
    ['""', 10],
    ['null', 10],
    ['1e400', 25],
    ['"-Infinity"', 1],
    ['99', 25],
  ])('reads a limit of %s as %i', async (limit, seen) => {
    const [answer] = await exchange(http.url, post('/find_tools', `{"query":"x","limit":${limit}}`))
    expect([answer?.status, http.requests.at(-1)?.limit]).toEqual([200, seen])
  })
})

describe('the size of a body', () => {
  const body = (size: number) => `{"query":"${'a'.repeat(size - 12)}"}`

  it('may be 1 MiB', async () => {
    const [answer] = await exchange(http.url, post('/find_tools', body(1024 * 1024)))
    expect(answer?.status).toBe(200)
  })

  it.each([
    ['one byte more', 1024 * 1024 + 1],
    ['10 MB', 10_000_000],
  ])('is refused with 413 at %s, and the next request is served', async (_, size) => {
    const [bad, good] = await thenGood(post('/find_tools', body(size)))
    expect([bad?.status, good]).toEqual([413, 200])
    expect(JSON.parse(bad?.body ?? '')).toMatchObject({ status: 'error', code: 'too_large' })
  })

  it('is refused by a declared length of 10 GB before a byte of it came', async () => {
    const [answer] = await exchange(http.url, post('/find_tools', '', { 'content-length': '10000000000' }))
    expect(answer?.status).toBe(413)
  })

  it('is counted where chunks never end', async () => {
    const head =
      'POST /find_tools HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
    const [answer] = await exchange(http.url, [head, ...Array.from({ length: 40 }, () => chunk)])
    expect(answer?.status).toBe(413)
  })
})

describe('media types', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
    'application/jsonp',
  ])('refuses %j with 415', async (type) => {
    const [bad, good] = await thenGood(post('/find_tools', '{"query":"x"}', { 'content-type': type }))
    expect([bad?.status, good]).toEqual([415, 200])
  })

  it('refuses a content encoding, so that a small body cannot become a large one', async () => {
    const [bad, good] = await thenGood(post('/find_tools', '{"query":"x"}', { 'content-encoding': 'gzip' }))
    expect([bad?.status, good]).toEqual([415, 200])
  })

  it('takes application/json with a charset of UTF-8', async () => {
    const [answer] = await exchange(
      http.url,
      post('/find_tools', '{"query":"x"}', { 'content-type': 'Application/JSON; charset="UTF-8"' }),
    )
    expect(answer?.status).toBe(200)
  })
})

describe('Host and Origin', () => {
  it.each(['localhost', 'LOCALHOST:3021', '127.0.0.1:1', '[::1]:3021', 'worker.example'])(
    'serves the Host %s',
    async (host) => {
      const [answer] = await exchange(http.url, post('/find_tools', '{"query":"x"}', { host }))
      expect(answer?.status).toBe(200)
    },
  )

  it.each([
    'evil.example',
    'localhost.evil.example',
    'localhost.',
    'evil@localhost',
    '127.0.0.1.nip.io',
    '0.0.0.0',
    'localhost:x',
  ])('refuses the Host %s', async (host) => {
    const [answer] = await exchange(http.url, post('/find_tools', '{"query":"x"}', { host }))
    expect([400, 403]).toContain(answer?.status)
  })

  it('refuses two Hosts and none, even for /health', async () => {
    const two = await exchange(http.url, 'GET /health HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n')
    const none = await exchange(http.url, 'GET /health HTTP/1.1\r\n\r\n')
    expect([two[0]?.status, none[0]?.status]).toEqual([400, 400])
  })

  it.each([
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'http://localhost:1',
    'http://localhost ',
    'https://localhost',
  ])('refuses the Origin %j', async (origin) => {
    const [bad, good] = await thenGood(post('/find_tools', '{"query":"x"}', { origin }))
    // A trailing space is no part of the value: HTTP strips it.
    expect([bad?.status, good]).toEqual([origin === 'http://localhost ' ? 200 : 403, 200])
  })

  it('refuses what a browser marks as cross-site', async () => {
    const [answer] = await exchange(http.url, post('/find_tools', '{"query":"x"}', { 'sec-fetch-site': 'cross-site' }))
    expect(answer?.status).toBe(403)
  })

  it('answers /health to any single Host', async () => {
    const [answer] = await exchange(http.url, 'GET /health HTTP/1.1\r\nhost: 10.0.0.7:3021\r\n\r\n')
    expect(answer?.status).toBe(200)
  })
})

describe('paths, methods and heads', () => {
  it.each([
    ['GET', '/find_tools', 405],
    ['PUT', '/find_tools', 405],
    ['OPTIONS', '/find_tools', 405],
    ['POST', '/health', 405],
    ['GET', '//find_tools', 404],
    ['GET', '/find_tools/', 404],
    ['GET', '/nothing', 404],
    ['GET', '/../find_tools', 405],
    ['GET', '/__proto__', 404],
  ])('answers %s %s with %i', async (method, path, status) => {
    const [bad, good] = await thenGood(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n`)
    expect([bad?.status, good]).toEqual([status, 200])
  })

  it.each(['//find_tools', '/%66ind_tools'])('gives POST %s no way around the media type', async (path) => {
    const [answer] = await exchange(http.url, post(path, 'query=x', { 'content-type': 'text/plain' }))
    expect([404, 415]).toContain(answer?.status)
  })

  it('names the method that is allowed', async () => {
    const [answer] = await exchange(http.url, 'GET /find_tools HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(answer?.head.toLowerCase()).toContain('allow: post')
  })

  it('refuses 2,001 headers, so that none can hide behind the others', async () => {
    const many = Array.from({ length: 2_001 }, () => 'a: b\r\n').join('')
    const [answer] = await exchange(http.url, `GET /ready HTTP/1.1\r\nhost: localhost\r\n${many}\r\n`)
    expect(answer?.status).toBe(431)
  })
})
