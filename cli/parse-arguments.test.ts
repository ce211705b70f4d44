import { describe, expect, it } from 'vitest'
import { defineCommand } from './command.ts'
import { parseArguments } from './parse-arguments.ts'

const command = defineCommand({
  summary: 'do something',
  positionals: [{ name: 'server', required: true }, { name: 'tool' }],
  options: {
    json: { type: 'flag', summary: '…' },
    follow: { type: 'flag', short: 'f', summary: '…' },
    limit: { type: 'text', value: 'n', summary: '…' },
    only: { type: 'list', value: 'server', summary: '…' },
    from: { type: 'choice', value: 'how', choices: ['claude', 'cursor'], summary: '…' },
  },
  examples: [],
  run: async () => {},
})

const parse = (...typed: string[]) => parseArguments(typed, command)

describe('what is typed behind a command', () => {
  it('gives every option a value', () => {
    expect(parse('one')).toEqual({
      positionals: ['one'],
      options: {
        json: false,
        follow: false,
        limit: undefined,
        only: [],
        from: undefined,
        config: undefined,
        help: false,
      },
      typed: ['one'],
    })
  })

  it('has options before, between and behind its words, with a space or an equals sign', () => {
    const { positionals, options } = parse('--json', 'one', '--limit', '5', 'two', '--from=cursor', '-f')
    expect(positionals).toEqual(['one', 'two'])
    expect(options).toMatchObject({ json: true, follow: true, limit: '5', from: 'cursor' })
  })

  it.each([
    [['--limit', '-5', 'one'], { limit: '-5' }],
    [['--limit=', 'one'], { limit: '' }],
    [['--limit=--json', 'one'], { limit: '--json' }],
    [['--limit=a=b', 'one'], { limit: 'a=b' }],
    [['--only', 'a, b,', '--only', 'c', 'one'], { only: ['a', 'b', 'c'] }],
  ])('%j', (typed, options) => {
    expect(parse(...typed)).toMatchObject({ positionals: ['one'], options })
  })

  it('has no options behind two dashes', () => {
    expect(parse('--', '--json', '-f').positionals).toEqual(['--json', '-f'])
  })

  it('may be a dash alone', () => {
    expect(parse('-').positionals).toEqual(['-'])
  })

  it('needs nothing where help is asked for', () => {
    expect(parse('-h').options.help).toBe(true)
  })

  it.each([
    [[], '<server> is missing.'],
    [['a', 'b', 'c'], '"c" is one word too many.'],
    [['a', '--limit'], '--limit needs a value.'],
    [['a', '--limit', '--json'], '--limit needs a value.'],
    [['a', '--json=1'], '--json takes no value.'],
    [['a', '--jsn'], 'There is no option "--jsn". Did you mean --json?'],
    [['a', '--__proto__', 'x'], 'There is no option "--__proto__".'],
    [['a', '-x'], 'There is no option "-x".'],
    [['a', '--from', 'emacs'], '--from must be one of claude, cursor, not "emacs".'],
  ])('is refused as %j', (typed, message) => {
    expect(() => parse(...typed)).toThrow(expect.objectContaining({ code: 'invalid_request', message }))
  })
})
