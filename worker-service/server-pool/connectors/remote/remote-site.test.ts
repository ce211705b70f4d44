import { describe, expect, it } from 'vitest'
import { remoteServer } from '../../../../test/support/remote-server.ts'
import { resolveRemoteSite } from './remote-site.ts'

const resolve = (url: string, headers: Record<string, string> = {}) => resolveRemoteSite(remoteServer(url, { headers }))

describe('resolveRemoteSite', () => {
  it('shows the URL without its query, and keeps the query secret', () => {
    const site = resolve('https://example.org:8443/mcp?key=s3cret-key#part')
    expect(site).toMatchObject({
      origin: 'https://example.org:8443',
      path: '/mcp?key=s3cret-key',
      shownUrl: 'https://example.org:8443/mcp',
    })
    expect(site.secrets).toContain('s3cret-key')
  })

  it('keeps header values secret, with and without their scheme', () => {
    const { headers, secrets, hasAuthorization } = resolve('http://a/', {
      Authorization: 'Bearer abcdefgh',
      'X-Key': 'k',
    })
    expect(headers).toEqual(['authorization', 'Bearer abcdefgh', 'x-key', 'k'])
    expect(secrets).toEqual(expect.arrayContaining(['Bearer abcdefgh', 'abcdefgh', 'k']))
    expect(hasAuthorization).toBe(true)
  })

  it('makes a login of credentials in the URL, and shows them nowhere', () => {
    const site = resolve('https://me:p%40ss@example.org/mcp')
    expect(site.headers).toEqual(['authorization', `Basic ${Buffer.from('me:p@ss').toString('base64')}`])
    expect(site.shownUrl).toBe('https://example.org/mcp')
    expect(site.secrets).toEqual(expect.arrayContaining(['p@ss', 'p%40ss']))
    expect(resolve('http://me:100%@a/').headers[1]).toBe(`Basic ${Buffer.from('me:100%').toString('base64')}`)
  })

  it('leaves what the protocol sets to the protocol', () => {
    const headers = { Accept: 'text/html', 'Content-Type': 'x', 'MCP-Session-Id': '1', 'Content-Length': '9' }
    expect(resolve('http://a/', headers).headers).toEqual([])
  })
})
