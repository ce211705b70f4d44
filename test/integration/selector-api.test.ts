import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OwnWorker } from '../support/own-worker.ts'

const COUNTING = join(import.meta.dirname, '../fixtures/servers/counting.cjs')

let worker: OwnWorker
beforeAll(async () => {
  worker = await OwnWorker.start({
    mcpServers: { count: { command: process.execPath, args: [COUNTING, '/dev/null'] } },
  })
})
afterAll(() => worker[Symbol.asyncDispose]())

async function post(path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(worker.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

describe('the tool-selector API of a worker', () => {
  it('attaches what it finds, with all that is to be told of it', async () => {
    const ask = { query: 'count', agent_id: 'ada', limit: 1, min_score: 0, keep_tools: [], request_heartbeat: false }
    expect(await post('/api/v1/tools/attach', ask)).toEqual({
      success: true,
      message: 'Attached 1 tool: count',
      details: {
        successful_attachments: [
          {
            tool_id: 'count/count',
            name: 'count',
            server: 'count',
            description: expect.any(String) as string,
            match_score: 100,
            input_schema: expect.objectContaining({ type: 'object' }) as object,
          },
        ],
        detached_tools: [],
        failed_attachments: [],
        preserved_tools: [],
        processed_count: expect.any(Number) as number,
        passed_filter_count: expect.any(Number) as number,
        success_count: 1,
        failure_count: 0,
        target_agent: 'ada',
        loop_triggered: false,
      },
    })
  })

  it('searches without attaching', async () => {
    const found = await post('/api/v1/tools/search', { query: 'count', limit: 1 })
    expect(found).toEqual([
      {
        tool_id: 'count/count',
        name: 'count',
        description: expect.any(String) as string,
        mcp_server_name: 'count',
        json_schema: expect.objectContaining({ type: 'object' }) as object,
        score: 100,
      },
    ])
  })

  it('says how many tools of which servers can be found', async () => {
    const health: unknown = await (await fetch(`${worker.url}/api/v1/health`)).json()
    expect(health).toMatchObject({ status: 'healthy', tools: expect.any(Number) as number, servers: ['count'] })
  })
})
