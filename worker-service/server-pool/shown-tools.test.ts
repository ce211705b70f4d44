import { describe, expect, it } from 'vitest'
import { withShownTools } from './shown-tools.ts'

const gate = {
  isShown: (tool: string) => tool !== 'hidden' && tool !== 'h\u00e9',
  withheldAmong: (listed: readonly unknown[]) =>
    new Set(listed.flatMap((tool, place) => (isBroken(tool) ? [place] : []))),
}

function isBroken(tool: unknown): boolean {
  return typeof tool === 'object' && tool !== null && 'broken' in tool && tool.broken === 1.5
}

function shown(frame: string): string {
  return withShownTools(Buffer.from(frame), gate).toString()
}

const answer = (tools: string, rest = '') => `{"jsonrpc":"2.0","id":1,"result":{${rest}"tools":${tools}}}`

describe('a list of tools', () => {
  it('loses the hidden ones, every other byte as it came', () => {
    const [a, b] = [
      '{"n":12345678901234567890,"name":"a","x":1.50,"é":"\\u00e9"}',
      '{ "name" : "b" , "name2":"hidden" }',
    ]
    const rest = '"nextCursor":"c", "_meta":{"tools":[{"name":"hidden"}]},'
    expect(shown(answer(`[{"name":"hidden"},${a}, {"x":{"name":"a"},"name":"hidden"} ,${b}]`, rest))).toBe(
      answer(`[${a},${b}]`, rest),
    )
  })

  it('loses what is withheld by its place, whatever it is called', () => {
    const [a, b] = ['{"name":"a","x":1.50}', '{"name":"a","broken":false}']
    expect(shown(answer(`[${a},{"name":"a","broken":1.50},{"broken":15e-1},${b}]`))).toBe(answer(`[${a},${b}]`))
  })

  it('is the same frame where nothing is hidden', () => {
    const frame = Buffer.from(answer('[ {"name":"a"} , {"name":"b"} ]'))
    expect(withShownTools(frame, gate)).toBe(frame)
  })

  it('may have nothing left', () => {
    expect(shown(answer('[{"name":"hidden"}]'))).toBe(answer('[]'))
    expect(shown(answer('[]'))).toBe(answer('[]'))
  })

  it('hides a name however it is spelled, and a tool that has a hidden name among its names', () => {
    expect(shown(answer('[{"name":"\\u0068idden"},{"n\\u0061me":"hidden"},{"name":"hé"},{"name":"a"}]'))).toBe(
      answer('[{"name":"a"}]'),
    )
    expect(shown(answer('[{"name":"hidden","name":"a"},{"name":"a","name":"hidden"}]'))).toBe(answer('[]'))
  })

  it('is looked at wherever a frame has one', () => {
    const frame =
      '{"result":{"tools":[{"name":"hidden"}],"tools":[{"name":"hidden"},{"name":"a"}]},"result":{"tools":[]}}'
    expect(shown(frame)).toBe('{"result":{"tools":[],"tools":[{"name":"a"}]},"result":{"tools":[]}}')
  })

  it.each([
    '{"id":1,"error":{"code":-1,"message":"no","data":{"tools":[{"name":"hidden"}]}}}',
    answer('"hidden"'),
    answer('[1,null,"hidden",[{"name":"hidden"}],{"name":7},{}]'),
    '{"id":1,"result":[{"tools":[{"name":"hidden"}]}]}',
  ])('is what has tools with names, and nothing else: %s', (frame) => {
    expect(shown(frame)).toBe(frame)
  })
})
