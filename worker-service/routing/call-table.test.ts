import { describe, expect, it } from 'vitest'
import { type RequestFrame, scanFrame } from '../../shared/frames/frame-scan.ts'
import { CallTable } from './call-table.ts'
import { type Client, type ClientCall, NO_ABILITIES } from './client.ts'

const FRAME = scanFrame(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call"}')) as RequestFrame

const FREE = { oneClientAtATime: false, questions: new Map() }
const IN_TURNS = { oneClientAtATime: true, questions: new Map() }

describe('CallTable', () => {
  it('holds nothing once every call is removed', () => {
    const calls = new CallTable()
    const client = createClient('a')
    const waiting = createCall(client, 1)
    const sent = createCall(client, 2)
    for (const call of [waiting, sent]) addWaiting(calls, call)
    calls.addRouterCall({ kind: 'router', requestId: 3, method: 'ping', uri: undefined })
    calls.markSent(sent)
    expect(calls.size).toBe(4)
    for (const call of calls.all()) calls.remove(call)
    expect(calls.size).toBe(0)
    expect(client.calls.size).toBe(0)
  })

  it('knows which clients have calls at the server', () => {
    const calls = new CallTable()
    const [a, b] = [createClient('a'), createClient('b')]
    const made = [createCall(a, 1), createCall(a, 2), createCall(b, 3)] as const
    for (const call of made) addWaiting(calls, call)
    expect(calls.clientsAtServer()).toEqual([])
    calls.markSent(made[0])
    calls.markSent(made[1])
    expect(calls.clientsAtServer()).toEqual([a])
    calls.remove(made[0])
    calls.remove(made[2])
    expect(calls.clientsAtServer()).toEqual([a])
    calls.remove(made[1])
    expect(calls.clientsAtServer()).toEqual([])
  })

  it('finds at the server what was sent there, by a number alone', () => {
    const calls = new CallTable()
    const call = createCall(createClient('a'), 1)
    addWaiting(calls, call)
    expect(calls.get(1)).toBe(call)
    expect(calls.atServer(1)).toBeUndefined()
    calls.markSent(call)
    expect(calls.atServer(1)).toBe(call)
    expect(calls.atServer('1')).toBeUndefined()
    expect(calls.atServer(2)).toBeUndefined()
  })

  it('gives what waits in the order it came', () => {
    const calls = new CallTable()
    const [first, second] = [createCall(createClient('a'), 1), createCall(createClient('b'), 2)]
    expect(calls.nextToSend(FREE)).toBeUndefined()
    for (const call of [first, second]) addWaiting(calls, call)
    expect(calls.nextToSend(FREE)).toEqual([first, FRAME])
    calls.markSent(first)
    expect(calls.nextToSend(FREE)).toEqual([second, FRAME])
    expect(calls.nextToSend(IN_TURNS)).toBeUndefined()
    calls.remove(first)
    expect(calls.nextToSend(IN_TURNS)).toEqual([second, FRAME])
  })

  it('lets a call go as it comes where none waits and nobody takes turns', () => {
    const calls = new CallTable()
    expect(calls.isFree(FREE)).toBe(true)
    expect(calls.isFree(IN_TURNS)).toBe(false)
    addWaiting(calls, createCall(createClient('a'), 1))
    expect(calls.isFree(FREE)).toBe(false)
  })
})

function addWaiting(calls: CallTable, call: ClientCall): void {
  calls.addClientCall(call)
  calls.wait(call, FRAME)
}

function createClient(id: string): Client {
  return {
    id,
    isService: false,
    calls: new Map(),
    held: new Map(),
    phase: { name: 'new' },
    abilities: NO_ABILITIES,
    logLevel: undefined,
  }
}

function createCall(client: Client, requestId: number): ClientCall {
  const id = { value: requestId, raw: `${requestId}` }
  const call = {
    requestId,
    method: 'tools/call',
    client,
    id,
    progressToken: undefined,
    uri: undefined,
    list: undefined,
    asTask: false,
  }
  return { kind: 'client', ...call, state: 'waiting' }
}
