import { describe, expect, it } from 'vitest'
import { RouterScenario } from '../../test/fixtures/router-scenario.ts'

const NO = { code: 'tool_withheld', message: 'it has changed' } as const

/** A router whose server's tools are looked at; `rm` must not be called once it was listed. */
function inspecting(): RouterScenario & { pages: string[] } {
  const pages: string[] = []
  const inspector = {
    isNeeded: () => true,
    inspect(page: Buffer, { isFirst }: { isFirst: boolean }) {
      if (isFirst) pages.length = 0
      pages.push(page.toString())
      return /"nextCursor":"([^"]*)"/.exec(page.toString())?.[1]
    },
  }
  const refuseTool = (tool: string) => (pages.some((page) => page.includes(tool)) ? NO : undefined)
  return Object.assign(RouterScenario.ready({ a: {} }, { inspector, refuseTool }), { pages })
}

const call = (scenario: RouterScenario, id: string, tool: string) =>
  scenario.request('a', id, 'tools/call', `{"name":"${tool}"}`)
const list = (id: number, result: string) => `{"jsonrpc":"2.0","id":${id},"result":${result}}`
const ASKED = 'to server {"jsonrpc":"2.0","id":3,"method":"tools/list"}'

describe('a tool of a server whose tools are looked at', () => {
  it('is called when the list was looked at, page by page', () => {
    const scenario = inspecting()
    expect(call(scenario, '1', 'cat')).toEqual(['started 2 a tools/call cat', 'started 3 - tools/list', ASKED])
    expect(scenario.server(list(3, '{"tools":[],"nextCursor":"p2"}')).at(-1)).toBe(
      'to server {"jsonrpc":"2.0","id":4,"method":"tools/list","params":{"cursor":"p2"}}',
    )
    expect(scenario.server(list(4, '{"tools":[]}')).at(-1)).toMatch(/^to server .*"tools\/call"/)
    expect(call(scenario, '2', 'cat').at(-1)).toMatch(/^to server .*"tools\/call"/)
  })

  it('is refused where the list says so, and was never sent', () => {
    const scenario = inspecting()
    call(scenario, '1', 'rm')
    const told = scenario.server(list(3, '{"tools":[{"name":"rm"}]}')).join('\n')
    expect(told).toMatch(/to a .*"code":-32013.*"delivered":"no"/)
    expect(told).not.toContain('to server')
  })

  it('holds up nothing but calls', () => {
    const scenario = inspecting()
    call(scenario, '1', 'cat')
    expect(scenario.request('a', '2', 'prompts/list').at(-1)).toMatch(/^to server .*"prompts\/list"/)
  })

  it('waits for the list of each start, and for a new one where it may be another', () => {
    const scenario = inspecting()
    call(scenario, '1', 'cat')
    scenario.server(list(3, '{"tools":[]}'))
    const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
    scenario.server(changed)
    expect(call(scenario, '2', 'cat').at(-1)).toContain('"id":5,"method":"tools/list"')
    scenario.server(changed)
    expect(scenario.server(list(5, '{"tools":[]}')).at(-1)).toContain('"id":6,"method":"tools/list"')
    expect(scenario.server(list(6, '{"tools":[]}')).at(-1)).toContain('"method":"tools/call"')
    scenario.crash()
    call(scenario, '3', 'cat')
    expect(scenario.restart().at(-1)).toContain('"method":"tools/list"')
  })

  it('is called, or refused, by what the server lists in the end where it says without end that its list has changed', () => {
    const scenario = inspecting()
    const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
    call(scenario, '1', 'cat')
    call(scenario, '2', 'rm')
    let told: string[] = []
    for (
      let id = 3;
      !told.join().includes('to a');
      id = Number(/"id":(\d+),"method":"tools.list"/.exec(told.join())?.[1])
    ) {
      scenario.server(changed)
      told = scenario.server(list(id, '{"tools":[{"name":"rm"}]}'))
    }
    expect(told.join('\n')).toMatch(/to a .*"code":-32013/)
    expect(told.join('\n')).toMatch(/to server .*"tools\/call".*"cat"/)
    // What comes later is looked at again.
    scenario.server(changed)
    expect(call(scenario, '3', 'cat').at(-1)).toContain('"method":"tools/list"')
  })

  it('is called of a server that knows no list, and ends where the list does not come', () => {
    const scenario = inspecting()
    call(scenario, '1', 'cat')
    expect(scenario.server('{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"no"}}').at(-1)).toContain('call')
    for (const fail of [
      (id: number) => scenario.expire(id),
      (id: number) => scenario.server(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":"no"}}`),
    ]) {
      scenario.crash()
      call(scenario, '2', 'cat')
      const id = Number(/"id":(\d+),"method":"tools\/list"/.exec(scenario.restart().join())?.[1])
      expect(fail(id).join()).toMatch(/to a .*it did not list them.*"delivered":"no"/)
    }
  })

  it('ends where the list has no end', () => {
    const scenario = inspecting()
    call(scenario, '1', 'cat')
    let told: string[] = []
    for (let id = 3; id < 1_003; id++) told = scenario.server(list(id, '{"nextCursor":"more"}'))
    expect(told.join()).toContain('its list has over 1000 pages')
  })
})
