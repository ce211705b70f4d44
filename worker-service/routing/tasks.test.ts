import { describe, expect, it } from 'vitest'
import { type Client, NO_ABILITIES } from './client.ts'
import { Tasks } from './tasks.ts'

function client(id: string): Client {
  const calls = new Map()
  return {
    id,
    isService: false,
    calls,
    held: new Map(),
    phase: { name: 'new' },
    abilities: NO_ABILITIES,
    logLevel: undefined,
  }
}

function begin(tasks: Tasks, owner: Client, id: string, requestId: number): void {
  tasks.add({ kind: 'task', id, client: owner, requestId, progressToken: undefined })
}

describe('tasks', () => {
  it('are known by their ids, and by the calls that began them', () => {
    const tasks = new Tasks()
    const a = client('a')
    begin(tasks, a, 't', 7)
    expect(tasks.ownerOf('t')).toBe(a)
    expect(tasks.begunBy(7)).toMatchObject({ id: 't', client: a })
    expect(tasks.begunBy('7')).toBeUndefined()
    expect(tasks.size).toBe(3)
  })

  it('go with their client', () => {
    const tasks = new Tasks()
    const [a, b] = [client('a'), client('b')]
    begin(tasks, a, 't1', 1)
    begin(tasks, b, 't2', 2)
    tasks.removeClient(a)
    expect(tasks.ownerOf('t1')).toBeUndefined()
    expect(tasks.begunBy(1)).toBeUndefined()
    expect(tasks.ownerOf('t2')).toBe(b)
    tasks.removeClient(b)
    expect(tasks.size).toBe(0)
  })

  it('belong to whom the server gave their id last', () => {
    const tasks = new Tasks()
    const [a, b] = [client('a'), client('b')]
    begin(tasks, a, 't', 1)
    begin(tasks, b, 't', 2)
    expect(tasks.ownerOf('t')).toBe(b)
    tasks.removeClient(a)
    expect(tasks.ownerOf('t')).toBe(b)
    expect(tasks.begunBy(1)).toBeUndefined()
  })

  it('are a thousand of one client at most, the latest', () => {
    const tasks = new Tasks()
    const [a, b] = [client('a'), client('b')]
    begin(tasks, b, 'other', 0)
    for (let index = 1; index <= 1_000; index++) begin(tasks, a, `t${index}`, index)
    expect(tasks.ownerOf('t1')).toBe(a)
    const { size } = tasks
    begin(tasks, a, 't1001', 1_001)
    expect(tasks.size).toBe(size)
    expect(tasks.ownerOf('t1')).toBeUndefined()
    expect(tasks.ownerOf('t2')).toBe(a)
    expect(tasks.ownerOf('other')).toBe(b)
  })
})
