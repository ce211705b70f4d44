import type { JsonValue } from '@bufbuild/protobuf'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GrpcCaller, type GrpcOutcome } from '../../test/support/grpc-caller.ts'
import { LOSSLESS, ScriptedControl } from '../../test/support/scripted-control.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'

const control = new ScriptedControl()
const { asked } = control

let http: RunningHttp
let grpc: GrpcCaller
beforeAll(async () => {
  http = await startTestHttp(control)
  grpc = new GrpcCaller(http.grpcSocketPath)
})
beforeEach(() => void (asked.length = 0))
afterAll(async () => {
  grpc[Symbol.dispose]()
  await http.close()
})

describe('mcp_daemon.McpDaemon', () => {
  const call = (request: Record<string, JsonValue>): Promise<GrpcOutcome> =>
    grpc.call('mcp_daemon.McpDaemon/CallTool', request)

  it('gives the tools of every server whose tools are known', async () => {
    const { messages } = await grpc.call('mcp_daemon.McpDaemon/GetAllTools', { config_path: '/etc/../etc/mcp.json' })
    const tool = { name: 'echo', description: 'Says it.', input_schema: '{"type":"object"}' }
    expect(messages).toEqual([{ tools_by_server: { a: { tools: [tool] } } }])
  })

  it('calls a tool as REST does, byte for byte', async () => {
    const outcome = await call({ server_name: 'a', tool_name: 'echo', arguments: LOSSLESS.replace(',"é"', ',"e"') })
    expect(outcome.messages).toEqual([{ result: LOSSLESS, success: true, error: '' }])
    expect(asked).toEqual([{ server: 'a', tool: 'echo', arguments: LOSSLESS.replace(',"é"', ',"e"') }])
  })

  it.each(['unknown_tool', 'timeout', 'overloaded'])(
    'tells in its response that a call failed with %s',
    async (code) => {
      const { status, messages, body } = await call({ server_name: 'a', tool_name: `fails ${code}` })
      const error = `It ended with ${code}, “so”.`
      expect([status, messages]).toEqual(['OK', [{ result: '', success: false, error }]])
      expect(body).toMatchObject({ status: 'error', code, message: error })
    },
  )

  it('tells in its response what is wrong with arguments', async () => {
    const { messages } = await call({ server_name: 'a', tool_name: 'echo', arguments: '[]' })
    expect(messages).toMatchObject([{ success: false, error: 'arguments: Input should be a valid dictionary' }])
    const torn = await call({ server_name: 'a', tool_name: 'echo', arguments: '{' })
    expect(torn.messages).toMatchObject([
      { success: false, error: expect.stringMatching(/^arguments: JSON decode error/) },
    ])
  })

  it('gives the result of a tool that calls it an error, and says so', async () => {
    const { messages } = await call({ server_name: 'a', tool_name: 'errs' })
    expect(messages).toMatchObject([{ success: false, error: 'No such file.\nAnd no folder.' }])
    expect(messages[0]).toHaveProperty('result', expect.stringContaining('"isError"'))
  })

  it.each(['/etc/other.json', 'mcp.json', './mcp.json', 'file:///etc/mcp.json', '/etc/mcp.json\0'])(
    'refuses the configuration %j',
    async (path) => {
      const outcomes = [
        await grpc.call('mcp_daemon.McpDaemon/GetAllTools', { config_path: path }),
        await call({ config_path: path, server_name: 'a', tool_name: 'echo' }),
      ]
      expect(outcomes.map(({ status }) => status)).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED'])
      expect(asked).toEqual([])
    },
  )

  it('is healthy, as the standard health checking says too', async () => {
    const { messages } = await grpc.call('mcp_daemon.McpDaemon/Health')
    expect(messages).toEqual([{ healthy: true, version: '0.0.0' }])
    for (const service of ['', 'mcp_daemon.McpDaemon', 'pilotlight.v1.Pool']) {
      expect((await grpc.call('grpc.health.v1.Health/Check', { service })).messages).toEqual([{ status: 'SERVING' }])
    }
    expect((await grpc.call('grpc.health.v1.Health/Check', { service: 'other' })).status).toBe('NOT_FOUND')
  })
})
