import { describe, expect, it } from 'vitest'
import { sameOriginRedirect } from './same-origin-redirect.ts'

const FROM = 'http://selector:8020/api/v1/tools/attach'

function redirect(location: string | undefined, status = 307): string | undefined {
  return sameOriginRedirect({ status, headers: { location }, body: Buffer.alloc(0) }, FROM)
}

describe('the path of a redirect', () => {
  it.each([
    ['/moved?x=1', '/moved?x=1'],
    ['search', '/api/v1/tools/search'],
    ['http://selector:8020/moved#part', '/moved'],
    ['//selector:8020/moved', '/moved'],
    ['http://user:pass@selector:8020/moved', '/moved'],
  ])('is known for %s, which stays within the origin', (location, path) => {
    expect(redirect(location)).toBe(path)
    expect(redirect(location, 308)).toBe(path)
  })

  it.each([
    'https://selector:8020/moved',
    'http://selector:8021/moved',
    'http://selector/moved',
    '//elsewhere/moved',
    'http://selector:8020@elsewhere/moved',
    '\\\\elsewhere/moved',
    'javascript:alert(1)',
    'http://[/',
    undefined,
  ])('is not known for %s', (location) => {
    expect(redirect(location)).toBeUndefined()
  })

  it.each([200, 301, 302, 303, 304])('is not known for status %s, which keeps neither method nor body', (status) => {
    expect(redirect('/moved', status)).toBeUndefined()
  })
})
