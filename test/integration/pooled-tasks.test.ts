import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../support/fixture-server.ts'
import { LivePool } from '../support/live-pool.ts'
import { TestClient } from '../support/pool-client.ts'

const PACKAGE = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')
const EVERYTHING = { ...fixtureServer('everything'), args: [join(dirname(PACKAGE), 'dist/index.js'), 'stdio'] }
const ABLE = { capabilities: { elicitation: { form: {} } } }
const SOON = { interval: 20 }

describe('a task of the everything server', () => {
  it('is the affair of the client that began it: its state, its list, its question, its result', async () => {
    await using live = await LivePool.of([EVERYTHING])
    const [mine, other] = [new TestClient(live.pool, 'everything', ABLE), new TestClient(live.pool, 'everything', ABLE)]
    const task = { arguments: { topic: 'python', ambiguous: true }, task: { ttl: 60_000 } }
    const begun = await mine.request('tools/call', { name: 'simulate-research-query', ...task })
    const { taskId } = (begun.result as { task: { taskId: string } }).task
    expect(await mine.request('tasks/get', { taskId })).toMatchObject({
      result: { taskId, status: expect.stringMatching(/^(working|input_required)$/) },
    })
    expect(await other.request('tasks/get', { taskId })).toMatchObject({ error: { code: -32602 } })
    expect(await other.request('tasks/cancel', { taskId })).toMatchObject({ error: { code: -32602 } })
    expect(await mine.request('tasks/list')).toMatchObject({ result: { tasks: [{ taskId }] } })
    expect(await other.request('tasks/list')).toMatchObject({ result: { tasks: [] } })

    const result = mine.request('tasks/result', { taskId })
    const question = () => mine.messages.find(({ method }) => method === 'elicitation/create')
    await expect.poll(question, SOON).toBeDefined()
    mine.send({ id: question()?.id ?? '', result: { action: 'accept', content: { interpretation: 'technical' } } })
    expect(await result).toMatchObject({ result: { content: [{ type: 'text' }] } })
    const heard = other.messages.flatMap(({ method }) => method ?? [])
    expect(heard.filter((method) => method !== 'notifications/tools/list_changed')).toEqual([])
  })
})
