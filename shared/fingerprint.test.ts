import { describe, expect, it } from 'vitest'
import { fingerprint } from './fingerprint.ts'

describe('fingerprint', () => {
  // What is kept in files under such names would be lost if they changed.
  it.each([
    ['', '1aee8d83488bdcb8'],
    ['agent:a', '0aa2e03d8a5a146d'],
    ['/home/größe/mcp.json', '177b5300bf4fbd7e'],
  ])('gives %j the name it always had', (text, name) => {
    expect(fingerprint(text)).toBe(name)
  })

  it('is 16 hexadecimal digits', () => {
    for (let i = 0; i < 1_000; i++) expect(fingerprint(`${i}`)).toMatch(/^[0-9a-f]{16}$/)
  })

  it('gives texts that differ by little names of their own, in either half', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => fingerprint(`session:${i}`))
    expect(new Set(names).size).toBe(20_000)
    expect(new Set(names.map((name) => name.slice(0, 8))).size).toBeGreaterThan(19_990)
    expect(new Set(names.map((name) => name.slice(8))).size).toBeGreaterThan(19_990)
  })

  it('tells the order of characters and those beyond ASCII apart', () => {
    const texts = ['ab', 'ba', 'aab', 'a\u0000b', 'ä', 'Ä', 'a\u0308', '𝒜', '𝒞']
    expect(new Set(texts.map(fingerprint)).size).toBe(texts.length)
  })
})
