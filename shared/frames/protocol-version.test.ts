import { describe, expect, it } from 'vitest'
import { LATEST_PROTOCOL_VERSION, negotiateVersion, PROTOCOL_VERSIONS } from './protocol-version.ts'

describe('negotiateVersion', () => {
  it('offers servers the newest version', () => {
    expect(LATEST_PROTOCOL_VERSION).toBe('2025-11-25')
    expect(PROTOCOL_VERSIONS.at(-1)).toBe(LATEST_PROTOCOL_VERSION)
  })

  it.each([
    ['2025-06-18', '2025-06-18', '2025-06-18', 'the same'],
    ['2024-11-05', '2025-11-25', '2024-11-05', 'an older one that is known'],
    ['2024-10-07', '2024-11-05', '2024-10-07', 'the oldest'],
    ['2025-11-25', '2025-03-26', '2025-03-26', 'a newer one'],
    ['2026-07-28', '2025-11-25', '2025-11-25', 'a newer one that is not known'],
    ['1999-01-01', '2025-11-25', '2025-11-25', 'an older one that is not known'],
    ['2025-06-18', '2031-01-01', '2031-01-01', 'a known one, of a server that speaks one that is not'],
  ])('answers %s, of a server that speaks %s, with %s (%4$s)', (offered, spoken, answered) => {
    expect(negotiateVersion(offered, spoken)).toBe(answered)
  })
})
