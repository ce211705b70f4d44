import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { InvalidInput } from './invalid-input.ts'
import { flagsOf, typeFlags } from './type-flags.ts'

const SAY = { name: 'say', inputSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } }
const LARGE = Buffer.from('{ "n":12345678901234567890 }')

function type(flags: Record<string, string[]>, { args = Buffer.from('{}'), tool = 'say' } = {}) {
  const asked: string[] = []
  const known = { servers: { askForTools: async (server: string) => void asked.push(server) }, toolsOf: () => [SAY] }
  const typed = typeFlags({ server: 'a', call: { tool, arguments: args }, flags }, known)
  return typed.then((call) => ({ asked, args: call.arguments.toString() }))
}

describe('the flags of a tool call', () => {
  it('get the types of the schema, for which the server is asked', async () => {
    expect(await type({ n: ['3'] })).toEqual({ asked: ['a'], args: '{"n":3}' })
  })

  it('leave the bytes of the arguments as they came where there are none', async () => {
    expect((await type({}, { args: LARGE })).args).toBe(LARGE.toString())
  })

  it('win over arguments of their name', async () => {
    expect((await type({ n: ['3'] }, { args: Buffer.from('{"n":1,"m":2}') })).args).toBe('{"n":3,"m":2}')
  })

  it('that are wrong or missing are refused with the tool', async () => {
    const refused = { code: 'invalid_request', message: '--n is missing.', details: { tool: SAY } }
    await expect(type({})).rejects.toMatchObject(refused)
  })

  it('of a tool that is not known are what they look like', async () => {
    const flags = { n: ['3'], on: [], text: ['hi'], list: ['a', '1'] }
    expect((await type(flags, { tool: 'other' })).args).toBe('{"n":3,"on":true,"text":"hi","list":["a",1]}')
  })

  it('are not judged where a server tells no tools, but other failures are told', async () => {
    const failing = (code: 'server_unavailable' | 'internal') => ({
      servers: { askForTools: async () => {} },
      toolsOf: () => {
        throw new ServiceError(code, 'Why.')
      },
    })
    const request = { server: 'a', call: { tool: 'say', arguments: LARGE }, flags: {} }
    expect(await typeFlags(request, failing('server_unavailable'))).toEqual(request.call)
    await expect(typeFlags(request, failing('internal'))).rejects.toThrow('Why.')
  })
})

describe('the body of a tool call', () => {
  it.each([
    ['{"tool":"a"}', undefined],
    ['{"tool":"flags","arguments":{"flags":{"a":[]}}}', undefined],
    ['{"flags":{"a":["1"],"b":[]}}', { a: ['1'], b: [] }],
  ])('%s has these flags', (body, flags) => {
    expect(flagsOf(Buffer.from(body))).toEqual(flags)
  })

  it.each(['[]', 'null', '{"a":"1"}', '{"a":[1]}'])('is refused with %s as its flags', (flags) => {
    expect(() => flagsOf(Buffer.from(`{"flags":${flags}}`))).toThrow(InvalidInput)
  })
})
