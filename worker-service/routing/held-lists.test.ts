import { describe, expect, it } from 'vitest'
import { GREETING, RouterScenario, toLines } from '../../test/fixtures/router-scenario.ts'

const REMEMBERED = '{ "tools":[1.50,"\\u00e9"]}'
const OTHER = '{"tools":[]}'
const TOLD = 'to a {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
const ASKED = ['started 3 - tools/list', 'to server {"jsonrpc":"2.0","id":3,"method":"tools/list"}']

/** A router that remembers a server it has not met yet. */
function remembering(answers: Record<string, string> = {}): RouterScenario {
  const known: Record<string, string> = { initialize: GREETING, 'tools/list': REMEMBERED, ...answers }
  return new RouterScenario({
    recall: (method) => (known[method] === undefined ? undefined : Buffer.from(known[method])),
  })
}

/** A client was given a list without a server, which is asked for it (its request 3) now that it is there. */
function verifying(): RouterScenario {
  const scenario = remembering()
  scenario.join('a')
  scenario.request('a', '1', 'tools/list')
  expect(scenario.restart().slice(-2)).toEqual(ASKED)
  return scenario
}

describe('a server that is remembered', () => {
  it('greets clients without being there, and is not asked for', () => {
    const scenario = remembering()
    expect(scenario.join('a')).toEqual([`to a {"jsonrpc":"2.0","id":"init","result":${GREETING}}`])
    expect(scenario.request('a', '1', 'ping')).toEqual(['to a {"jsonrpc":"2.0","id":1,"result":{}}'])
  })

  it('greets a client that speaks an older version in that', () => {
    const scenario = remembering()
    scenario.router.clientOpened('a')
    expect(scenario.request('a', '1', 'initialize', '{"protocolVersion":"2024-11-05","capabilities":{}}')).toEqual([
      `to a {"jsonrpc":"2.0","id":1,"result":${GREETING.replace('2025-11-25', '2024-11-05')}}`,
    ])
  })

  it.each(['{}', '{"_meta":{"progressToken":1}}'])(
    'lists what it listed, byte for byte, to who asks with %s',
    (params) => {
      const scenario = remembering()
      scenario.join('a')
      expect(scenario.request('a', '"x"', 'tools/list', params)).toEqual([
        `to a {"jsonrpc":"2.0","id":"x","result":${REMEMBERED}}`,
      ])
    },
  )

  it('is needed for another page, for what is not remembered, and for everything that is no list', () => {
    const asked: [method: string, params?: string][] = [
      ['tools/list', '{"cursor":"2"}'],
      ['tools/list', '[]'],
      ['prompts/list'],
      ['tools/call', '{"name":"echo"}'],
    ]
    for (const [method, params] of asked) {
      const scenario = remembering()
      scenario.join('a')
      expect(scenario.request('a', '1', method, params)).toContain('need-server')
    }
  })

  it('answers the service itself, which asks to know what it says now', () => {
    const scenario = remembering()
    expect(scenario.join('service', {}, { isService: true })).toEqual(['need-server'])
    expect(scenario.request('service', '1', 'tools/list')).toEqual(['started 1 service tools/list'])
  })

  it('answers itself once it is there', () => {
    const scenario = remembering()
    scenario.join('a')
    scenario.restart()
    expect(scenario.request('a', '1', 'tools/list')).toContain(
      'to server {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}',
    )
  })

  it('lists from memory again when it has crashed', () => {
    const scenario = verifying()
    scenario.server(`{"jsonrpc":"2.0","id":3,"result":${REMEMBERED}}`)
    scenario.crash()
    expect(scenario.request('a', '1', 'tools/list')).toEqual([`to a {"jsonrpc":"2.0","id":1,"result":${REMEMBERED}}`])
  })
})

describe('a list that was given from memory', () => {
  it('is no news where the server lists the same', () => {
    const scenario = verifying()
    expect(scenario.server(`{"jsonrpc":"2.0","id":3,"result":${REMEMBERED}}`)).toEqual(['finished 3 answered'])
  })

  it('is asked for again at each start, since the client still holds it', () => {
    const scenario = verifying()
    scenario.server(`{"jsonrpc":"2.0","id":3,"result":${REMEMBERED}}`)
    scenario.crash()
    expect(scenario.restart().at(-1)).toBe('to server {"jsonrpc":"2.0","id":5,"method":"tools/list"}')
    expect(scenario.server(`{"jsonrpc":"2.0","id":5,"result":${OTHER}}`)).toContain(TOLD)
  })

  it.each([`"result":${OTHER}`, '"error":{"code":-32601,"message":"no"}'])(
    'has changed where the server answers %s, once',
    (answer) => {
      const scenario = verifying()
      scenario.join('later')
      expect(scenario.server(`{"jsonrpc":"2.0","id":3,${answer}}`)).toEqual([
        'finished 3 answered',
        'list-changed tools',
        TOLD,
      ])
      scenario.crash()
      expect(scenario.restart().join()).not.toContain('tools/list')
    },
  )

  it('is asked for at the next server where this one did not answer', () => {
    const scenario = verifying()
    expect(scenario.crash()).toEqual(['finished 3 lost'])
    expect(scenario.restart().join()).toContain('"method":"tools/list"')
  })

  it('is asked for at none once the server, or we, said that it has changed', () => {
    for (const say of [
      (scenario: RouterScenario) => scenario.server(TOLD.slice('to a '.length)),
      (scenario: RouterScenario) => toLines(scenario.router.listChanged('tools')),
    ]) {
      const scenario = verifying()
      expect(say(scenario)).toContain(TOLD)
      expect(scenario.server(`{"jsonrpc":"2.0","id":3,"result":${OTHER}}`)).toEqual(['finished 3 answered'])
    }
  })

  it('may be one of resources or of their templates: the news is the same', () => {
    const scenario = remembering({ 'resources/templates/list': '{"resourceTemplates":[]}' })
    scenario.join('a')
    scenario.request('a', '1', 'resources/templates/list')
    expect(scenario.restart().at(-1)).toContain('"method":"resources/templates/list"')
    expect(scenario.server('{"jsonrpc":"2.0","id":3,"result":{}}').at(-1)).toBe(
      'to a {"jsonrpc":"2.0","method":"notifications/resources/list_changed"}',
    )
  })
})

/** A client that was given a list by the server itself, as the answer to request 2. */
function holding(...clients: string[]): RouterScenario {
  const scenario = RouterScenario.ready(Object.fromEntries(clients.map((name) => [name, {}])))
  clients.forEach((name, index) => {
    scenario.request(name, '1', 'tools/list')
    scenario.server(`{"jsonrpc":"2.0","id":${index + 2},"result":${REMEMBERED}}`)
  })
  return scenario
}

describe('a list that the server itself has given', () => {
  it('is asked for when the server starts anew, and has changed where it lists another without a word', () => {
    const scenario = holding('a')
    scenario.crash()
    expect(scenario.restart().at(-1)).toBe('to server {"jsonrpc":"2.0","id":4,"method":"tools/list"}')
    expect(scenario.server(`{"jsonrpc":"2.0","id":4,"result":${OTHER}}`)).toEqual([
      'finished 4 answered',
      'list-changed tools',
      TOLD,
    ])
  })

  it('is asked for after the calls that wait for the server', () => {
    const scenario = holding('a')
    scenario.crash()
    scenario.request('a', '2', 'tools/call', '{"name":"echo"}')
    const sent = scenario.restart().filter((line) => line.startsWith('to server'))
    expect(sent.slice(-2)).toEqual([
      expect.stringContaining('"method":"tools/call"'),
      expect.stringContaining('"method":"tools/list"'),
    ])
  })

  it('has not changed for who was given the new one already, or was told', () => {
    const scenario = holding('a', 'b')
    scenario.crash()
    scenario.restart()
    scenario.request('b', '2', 'tools/list')
    scenario.server(`{"jsonrpc":"2.0","id":6,"result":${OTHER}}`)
    const settled = scenario.server(`{"jsonrpc":"2.0","id":5,"result":${OTHER}}`)
    expect(settled).toEqual(['finished 5 answered', 'list-changed tools', TOLD])
    scenario.crash()
    scenario.restart()
    expect(scenario.server(`{"jsonrpc":"2.0","id":8,"result":${OTHER}}`)).toEqual(['finished 8 answered'])
  })

  it('may have changed where there is more of it than its first page', () => {
    const paged = '{"tools":[],"nextCursor":"2"}'
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/list')
    scenario.server(`{"jsonrpc":"2.0","id":2,"result":${paged}}`)
    scenario.crash()
    scenario.restart()
    expect(scenario.server(`{"jsonrpc":"2.0","id":4,"result":${paged}}`)).toContain(TOLD)
  })

  it('is compared with what the service is told, which changes nothing for the service', () => {
    const scenario = holding('a')
    scenario.join('service', {}, { isService: true })
    scenario.request('service', '1', 'tools/list')
    const answered = scenario.server(`{"jsonrpc":"2.0","id":3,"result":${OTHER}}`)
    expect(answered).toEqual([TOLD, expect.stringMatching(/^to service/), 'finished 3 answered'])
    scenario.request('service', '2', 'tools/list')
    expect(scenario.server('{"jsonrpc":"2.0","id":4,"error":{"code":1,"message":"no"}}').join()).not.toContain('to a')
  })
})

describe('a server that is run in another way from now on', () => {
  it('may have other lists, and greets with what it says itself', () => {
    const scenario = holding('a')
    expect(toLines(scenario.router.serverReplaced())).toEqual([TOLD])
    scenario.crash()
    expect(scenario.join('b')).toEqual(['need-server'])
  })
})
