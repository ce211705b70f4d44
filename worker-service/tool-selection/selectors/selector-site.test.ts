import { describe, expect, it } from 'vitest'
import { resolveSelectorSite } from './selector-site.ts'

describe('the site of a selector', () => {
  it.each([
    ['http://selector:8020', 'http://selector:8020', ''],
    ['http://selector:80/', 'http://selector', ''],
    ['https://host/tools//', 'https://host', '/tools'],
    ['http://user:pass@host/tools?key=1#x', 'http://host', '/tools'],
  ])('of %s has an origin and a base path, and shows no more than those', (baseUrl, origin, basePath) => {
    expect(resolveSelectorSite({ baseUrl })).toMatchObject({ origin, basePath, url: origin + basePath })
  })

  it.each(['', 'selector:8020', 'ftp://host', '/tools'])('is refused for %j', (baseUrl) => {
    expect(() => resolveSelectorSite({ baseUrl })).toThrow('TOOL_SELECTOR_URL must be an http:// or https:// URL.')
  })

  it('knows its secrets', () => {
    const site = resolveSelectorSite({ baseUrl: 'http://host', token: 'abc', lettaPassword: 'def' })
    expect(site.secrets).toEqual(['abc', 'def'])
    expect(resolveSelectorSite({ baseUrl: 'http://host' }).secrets).toEqual([])
  })

  it('refuses a secret that cannot be sent, by the name of its variable and without its value', () => {
    const baseUrl = 'http://host'
    expect(() => resolveSelectorSite({ baseUrl, token: 'a\nb' })).toThrow(
      'TOOL_SELECTOR_TOKEN holds a character that cannot stand in an HTTP header.',
    )
    expect(() => resolveSelectorSite({ baseUrl, lettaPassword: 'пароль' })).toThrow('LETTA_PASSWORD holds a character')
  })
})
