import { describe, expect, it } from 'vitest'
import { cancel, declined, resultOf, SAMPLING } from '../../test/fixtures/router-frames.ts'
import { ABLE, RouterScenario } from '../../test/fixtures/router-scenario.ts'
import type { RouterOptions } from './router-state.ts'

describe('a question while several clients have calls at the server', () => {
  const WHOM = 'Several clients are there; whom sampling/createMessage is for cannot be told.'
  const NOBODY = 'No client is there that supports sampling/createMessage.'

  it('is held until all calls but those of one client are answered, and is then for that one', () => {
    const scenario = calling({ a: ABLE, b: ABLE, c: ABLE })
    expect(scenario.server(SAMPLING)).toEqual(['serialised', 'question-held 1'])
    expect(answered(scenario, 3)).toEqual(['to b', 'finished'])
    expect(scenario.server(resultOf(4))).toEqual([
      'to c {"jsonrpc":"2.0","id":"1","result":{}}',
      'finished 4 answered',
      'question-released 1',
      `to a ${SAMPLING.replace('"id":"q"', '"id":2')}`,
    ])
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual([
      'to server {"jsonrpc":"2.0","id":"q","result":{}}',
    ])
  })

  it('may be for any call of a client, and is not for calls that came later', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
    for (const [index, client] of ['a', 'a', 'b'].entries()) scenario.request(client, String(index), 'tools/call')
    scenario.server(SAMPLING)
    scenario.request('b', '7', 'tools/call')
    expect(answered(scenario, 2)).toEqual(['to a', 'finished'])
    expect(answered(scenario, 3)).toEqual(['to a', 'finished', 'question-released', 'to b', 'to server 5'])
  })

  it('is read as it came, though what it was read into holds something else since', () => {
    const scenario = calling({ a: ABLE, b: ABLE })
    const block = Buffer.from(SAMPLING)
    scenario.router.serverFrame(block)
    block.fill(0)
    expect(scenario.server(resultOf(2)).at(-1)).toBe(`to b ${SAMPLING.replace('"id":"q"', '"id":2')}`)
  })

  it('is declined where it turns out to be for one that cannot answer', () => {
    const scenario = asked({ a: {}, b: ABLE })
    expect(scenario.server(resultOf(3)).slice(-2)).toEqual([
      'question-released 1',
      declined('"q"', -32601, 'The client does not support sampling/createMessage as asked.'),
    ])
  })

  it('is declined as soon as none of those it may be for can answer', () => {
    const scenario = asked({ a: {}, b: {}, c: ABLE })
    expect(scenario.server(resultOf(4)).slice(-2)).toEqual(['question-released 1', declined('"q"', -32601, NOBODY)])
  })

  it.each(['cancel', 'deadline', 'disconnect'])(
    'may still be for a call that ended with a %s, and for no other then',
    (end) => {
      const scenario = asked({ a: ABLE, b: ABLE })
      const ends = {
        cancel: () => scenario.client('a', cancel('"1"')),
        deadline: () => scenario.expire(2),
        disconnect: () => scenario.closeClient('a'),
      }
      expect(ends[end as keyof typeof ends]().filter((line) => line.startsWith('question'))).toEqual([])
      expect(scenario.server(resultOf(3)).slice(-2)).toEqual(['question-released 1', declined('"q"', -32601, NOBODY)])
    },
  )

  it('is declined when no call is left that it could be for', () => {
    const scenario = asked({ a: ABLE, b: ABLE })
    scenario.expire(2)
    expect(scenario.expire(3).slice(-2)).toEqual(['question-released 1', declined('"q"', -32601, NOBODY)])
  })

  it('is declined when it was held for too long, and the next one may find its client then', () => {
    const scenario = asked({ a: ABLE, b: ABLE })
    const other = SAMPLING.replace('"q"', '"r"')
    expect(scenario.server(other)).toEqual(['question-held 2'])
    expect(scenario.questionOverdue(1)).toEqual([
      'question-released 1',
      'unattributed sampling/createMessage',
      declined('"q"', -32603, WHOM),
    ])
    expect(scenario.questionOverdue(1)).toEqual([])
    expect(scenario.server(resultOf(2)).at(-1)).toBe(`to b ${other.replace('"id":"r"', '"id":3')}`)
  })

  it('is withdrawn by the server', () => {
    const scenario = asked({ a: ABLE, b: ABLE })
    expect(scenario.server(cancel('"q"'))).toEqual(['question-released 1'])
    expect(scenario.server(cancel('"q"'))).toEqual(['drop server unknown-cancel'])
    expect(answered(scenario, 2)).toEqual(['to a', 'finished'])
  })

  it('is forgotten when the server is lost, or begins another session', () => {
    const scenario = asked({ a: ABLE, b: ABLE })
    expect(scenario.renew()).toContain('question-released 1')
    expect(scenario.server(SAMPLING)).toEqual(['question-held 2'])
    const lines = scenario.crash()
    expect(lines).toContain('question-released 2')
    expect(lines.filter((line) => line.startsWith('to server'))).toEqual([])
  })

  it('is declined beyond as many as may be held', () => {
    const scenario = asked({ a: ABLE, b: ABLE }, { maxInFlightPerClient: 1 })
    expect(scenario.router.size()).toBe(5)
    expect(scenario.server(SAMPLING)).toEqual(['unattributed sampling/createMessage', declined('"q"', -32603, WHOM)])
  })

  it('is the last of its kind: from then on one client at a time has calls at the server', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE, c: ABLE })
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    expect(scenario.server(SAMPLING)).toEqual(['serialised', 'question-held 1'])
    scenario.server(cancel('"q"'))
    expect(scenario.request('a', '2', 'tools/call')).toEqual(['started 4 a tools/call'])
    expect(scenario.request('c', '1', 'tools/call')).toEqual(['started 5 c tools/call'])
    expect(scenario.request('a', '3', 'tools/call')).toEqual(['started 6 a tools/call'])

    expect(answered(scenario, 3)).toEqual(['to b', 'finished', 'to server 4'])
    expect(answered(scenario, 2)).toEqual(['to a', 'finished'])
    expect(answered(scenario, 4)).toEqual(['to a', 'finished', 'to server 5'])
    expect(scenario.server(SAMPLING)[0]).toMatch(/^to c /)
    expect(answered(scenario, 5)).toEqual(['to c', 'finished', 'to server 6'])
    expect(answered(scenario, 6)).toEqual(['to a', 'finished'])
    expect(scenario.request('b', '9', 'tools/call')[1]).toContain('"id":7')
  })

  it('has them take turns from the start where that is known, until it is another server', () => {
    let takesTurns = true
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE }, { takesTurns: () => takesTurns })
    scenario.request('a', '1', 'tools/call')
    expect(scenario.request('b', '1', 'tools/call')).toHaveLength(1)
    scenario.crash()
    takesTurns = false
    scenario.router.serverReplaced()
    scenario.restart()
    scenario.request('a', '1', 'tools/call')
    expect(scenario.request('b', '1', 'tools/call')).toHaveLength(2)
  })

  it('lets one that is asked go first, who may need another call for its answer', () => {
    const scenario = serialised()
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    expect(scenario.request('a', '2', 'tools/call')).toHaveLength(1)
    expect(scenario.server(SAMPLING)).toHaveLength(2)
    scenario.request('a', '3', 'tools/call')
    expect(answered(scenario, 4)).toEqual(['to a', 'finished'])
    expect(scenario.request('a', '4', 'tools/call')).toHaveLength(1)
    expect(answered(scenario, 7)).toEqual(['to a', 'finished'])
    expect(answered(scenario, 6)).toEqual(['to a', 'finished', 'to server 5'])
  })

  it('lets a client have several calls at once where nobody else waits', () => {
    const scenario = serialised()
    expect(scenario.request('a', '1', 'tools/call')).toHaveLength(2)
    expect(scenario.request('a', '2', 'tools/call')).toHaveLength(2)
    expect(scenario.request('b', '1', 'tools/call')).toHaveLength(1)
  })

  it.each(['cancel', 'deadline', 'disconnect'])('goes on with the next client after a %s', (end) => {
    const scenario = serialised()
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    const ends = {
      cancel: () => scenario.client('a', cancel('1')),
      deadline: () => scenario.expire(4),
      disconnect: () => scenario.closeClient('a'),
    }
    expect(ends[end as keyof typeof ends]().at(-1)).toBe(
      'to server {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{}}',
    )
  })

  it('says of what waited for its turn, when the server is lost, that it was not delivered', () => {
    const scenario = serialised()
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    const lines = scenario.crash()
    expect(lines[0]).toContain('"delivered":"unknown","retryable":false,"requestId":4')
    expect(lines[2]).toContain('"delivered":"no","retryable":true,"requestId":5')
    scenario.restart()
    scenario.request('a', '1', 'tools/call')
    expect(scenario.request('b', '1', 'tools/call')).toHaveLength(1)
  })

  it('is no reason to take turns where nobody has a call at the server', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
    expect(scenario.server(SAMPLING)).toEqual(['unattributed sampling/createMessage', declined('"q"', -32603, WHOM)])
    scenario.request('a', '1', 'tools/call')
    expect(scenario.request('b', '1', 'tools/call')).toHaveLength(2)
  })

  it('is no reason to take turns where no client could answer', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    expect(scenario.server(SAMPLING)).toEqual([
      declined('"q"', -32601, 'No client is there that supports sampling/createMessage.'),
    ])
    expect(scenario.request('a', '2', 'tools/call')).toHaveLength(2)
  })
})

/** A router that lets one client at a time, whose last request was 3. */
function serialised(): RouterScenario {
  const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
  scenario.request('a', '1', 'tools/call')
  scenario.request('b', '1', 'tools/call')
  scenario.server(SAMPLING)
  scenario.server(cancel('"q"'))
  answered(scenario, 2)
  answered(scenario, 3)
  return scenario
}

/** A router whose clients have a call each at the server, 2 and on. */
function calling(clients: Record<string, object>, options: Partial<RouterOptions> = {}): RouterScenario {
  const scenario = RouterScenario.ready(clients, options)
  for (const client of Object.keys(clients)) scenario.request(client, '"1"', 'tools/call')
  return scenario
}

/** Such a router, whose server has asked something without saying for which of them. */
function asked(...given: Parameters<typeof calling>): RouterScenario {
  const scenario = calling(...given)
  scenario.server(SAMPLING)
  return scenario
}

/** The server answers a request; what comes of it, without the frames' contents. */
function answered(scenario: RouterScenario, requestId: number): string[] {
  return scenario.server(resultOf(requestId)).map((line) => {
    if (line.startsWith('to server')) return `to server ${/"id":(\d+)/.exec(line)?.[1]}`
    return line.startsWith('to ') ? line.slice(0, 4) : line.replace(/ .*/, '')
  })
}
