import { describe, expect, it } from 'vitest'
import { quoteUpstream } from './upstream-text.ts'

describe('a quote of what a selector said', () => {
  it('is the text itself where that is harmless', () => {
    expect(quoteUpstream('No such agent: größer', [])).toBe('No such agent: größer')
  })

  it('is the first line alone, so that no stack follows', () => {
    expect(quoteUpstream('\n  Boom \r\n    at run (/srv/app/run.js:1:1)', [])).toBe('Boom')
  })

  it.each(['', '   ', '\n', '<html><body>502</body></html>', 'Bad gateway <br/>', '<!DOCTYPE html>'])(
    'is nothing where nothing is worth quoting: %j',
    (text) => {
      expect(quoteUpstream(text, [])).toBeUndefined()
    },
  )

  it('keeps what only looks like markup', () => {
    expect(quoteUpstream('limit < 1 and > 0', [])).toBe('limit < 1 and > 0')
  })

  it('is at most 200 characters long', () => {
    expect(quoteUpstream('x'.repeat(1_000_000), [])).toBe(`${'x'.repeat(200)}…`)
    expect(quoteUpstream(`${'x'.repeat(199)}😀😀`, [])).toBe(`${'x'.repeat(199)}…`)
  })

  it('escapes what moves a terminal or hides text', () => {
    expect(quoteUpstream('a\u001b[31mb\u202ec\u200bd\u2028e\tf', [])).toBe(
      'a\\u{1b}[31mb\\u{202e}c\\u{200b}d\\u{2028}e\\u{9}f',
    )
  })

  it('replaces half characters', () => {
    expect(quoteUpstream('a\ud800b', [])).toBe('a\ufffdb')
  })

  it('names no secret and no credentials of a URL', () => {
    const text = 'Bearer s3cret refused, s3cret, by http://user:pass@db:5432/x'
    expect(quoteUpstream(text, ['s3cret', 'letta'])).toBe('Bearer [redacted] refused, [redacted], by http://db:5432/x')
  })

  it('shows nothing of a key that was masked only in part', () => {
    expect(quoteUpstream('Incorrect API key provided: sk-abc*****wxyz.', [])).toBe(
      'Incorrect API key provided: [redacted]',
    )
  })
})
