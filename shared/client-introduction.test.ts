import { describe, expect, it } from 'vitest'
import { introductionLine, readIntroduction } from './client-introduction.ts'

const read = (text: string) => readIntroduction(Buffer.from(text))

describe('the introduction of a client', () => {
  it.each([
    {},
    { project: '/home/me/größe "x"\n' },
    { client: 'editor', session: 'a-Z_9' },
    { project: '/', client: 'x'.repeat(200) },
  ])('is one line that reads as it was written: %j', (introduction) => {
    const line = introductionLine(introduction)
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(read(line.trimEnd())).toEqual(introduction)
  })

  it('may hold what later versions say', () => {
    expect(read('{"pilotlight":{"project":"/a","editor":true}}')).toEqual({ project: '/a' })
  })

  it.each(['{"jsonrpc":"2.0","id":1,"method":"initialize"}', ' {"pilotlight":{}}', '{"pilot":1}', '', 'x'])(
    'is not %s',
    (line) => {
      expect(read(line)).toBeUndefined()
    },
  )

  it.each([
    ['{"pilotlight":', 'it must read {"pilotlight":{"project":"/a/folder","client":"a name"}}'],
    ['{"pilotlight":null}', 'it must read'],
    ['{"pilotlight":[]}', 'it must read'],
    [`{"pilotlight":${'['.repeat(100)}`, 'it must read'],
    ['{"pilotlight":{"project":"work"}}', 'its "project" must be the absolute path of a folder'],
    ['{"pilotlight":{"project":""}}', 'its "project" must be'],
    ['{"pilotlight":{"project":7}}', 'its "project" must be'],
    ['{"pilotlight":{"project":"/a\\u0000b"}}', 'its "project" must be'],
    [`{"pilotlight":{"project":"/${'x'.repeat(4_096)}"}}`, 'its "project" must be'],
    ['{"pilotlight":{"client":""}}', 'its "client" must be a text of 1 to 200 characters'],
    [`{"pilotlight":{"client":"${'x'.repeat(201)}"}}`, 'its "client" must be'],
    ['{"pilotlight":{"session":"a b"}}', 'its "session" must be 1 to 128 letters, digits'],
    [`{"pilotlight":{"session":"${'x'.repeat(129)}"}}`, 'its "session" must be'],
    [`{"pilotlight":{"x":"${'x'.repeat(20_000)}"}}`, 'it is over 16384 bytes'],
  ])('is refused with what is wrong: %.60s', (line, problem) => {
    expect(() => read(line)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(problem) }),
    )
  })
})
