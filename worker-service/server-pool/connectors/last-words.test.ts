import { describe, expect, it } from 'vitest'
import { LastWords } from './last-words.ts'

function lastWordsOf(text: string | string[], secrets: string[] = []): string[] {
  const words = new LastWords(secrets)
  for (const part of [text].flat()) words.push(Buffer.from(part))
  return words.lines()
}

describe('LastWords', () => {
  it('are nothing where nothing was said', () => {
    expect(lastWordsOf('')).toEqual([])
    expect(lastWordsOf('\n \r\n')).toEqual([])
  })

  it('are the last five lines, an unfinished one included', () => {
    expect(lastWordsOf('1\n2\n3\n4\n\n5\r\n6')).toEqual(['2', '3', '4', '5', '6'])
  })

  it('leave out where in its program an error was thrown, and lines without a word', () => {
    const stack = [
      '    at Module.load (node:internal/modules/cjs/loader:1554:10)',
      '    at new Promise (<anonymous>)',
      '    at run (/x.js:3:4)',
      '  at least one key is needed',
      '  code: 1',
      '}',
      '',
      'Node.js v24',
    ]
    expect(lastWordsOf(['throw e;', '  ^', '', 'Error: no key', ...stack].join('\n'))).toEqual([
      'throw e;',
      'Error: no key',
      'at least one key is needed',
      'code: 1',
      'Node.js v24',
    ])
  })

  it('join what came in pieces, inside a character too', () => {
    const bytes = Buffer.from('grün\n')
    const words = new LastWords([])
    for (const byte of bytes) words.push(Buffer.of(byte))
    expect(words.lines()).toEqual(['grün'])
  })

  it('have no colours, and escape what a terminal would obey', () => {
    expect(lastWordsOf('\u001b[1;31mred\u001b[0m \u001b]0;title\u0007 \u0007bell \u202Eback\u2028')).toEqual([
      expect.stringMatching(/^red .*\\u\{7\}bell \\u\{202e\}back/),
    ])
  })

  it('never show a secret, whole or in lines', () => {
    const key = '-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----'
    const text = `token is s3cret-token-2\ntoken is s3cret-token\n${key}\n`
    expect(lastWordsOf(text, ['s3cret-token', 's3cret-token-2', key, 'is'])).toEqual([
      'token is [redacted]',
      'token is [redacted]',
      '[redacted]',
    ])
    expect(lastWordsOf('x\nabcdefgh\n', [key])).toEqual(['x', '[redacted]'])
  })

  it('never show the part of a secret that was cut off', () => {
    const secret = 'abcdefghijklmnop'
    for (let length = 16_384 - 20; length < 16_384; length++) {
      const [first] = lastWordsOf(`${secret}${'x'.repeat(length)}\nlast`, [secret])
      expect(first).not.toContain('p')
    }
  })

  it('stay short whatever is said', () => {
    expect(lastWordsOf(`${'x'.repeat(1_000)}\n`)[0]).toHaveLength(300)
    expect(lastWordsOf(Array.from({ length: 10_000 }, (_, i) => `line ${i}\n`)).at(-1)).toBe('line 9999')
    expect(lastWordsOf('x'.repeat(100_000))).toEqual([])
  })
})
