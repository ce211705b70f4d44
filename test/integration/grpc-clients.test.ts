import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { controlSocketPath, grpcSocketPath } from '../../shared/server-socket.ts'
import { DESCRIPTORS } from '../../worker-service/grpc/generated/descriptors.ts'
import { findFreePort } from '../support/free-port.ts'
import { findPythonGrpc } from '../support/installed.ts'
import { OwnWorker } from '../support/own-worker.ts'

const run = promisify(execFile)
const BINARIES = join(import.meta.dirname, '../../node_modules/.bin')
const COUNTING = join(import.meta.dirname, '../fixtures/servers/counting.cjs')
const CALL_METHODS = join(import.meta.dirname, '../fixtures/grpc/call-methods.py')

let worker: OwnWorker
let port: number
let sockets: { grpc: string; control: string }
beforeAll(async () => {
  port = await findFreePort()
  const mcpServers = { one: { command: process.execPath, args: [COUNTING] } }
  worker = await OwnWorker.start({ mcpServers, service: { grpcPort: port } })
  const { runtime } = worker
  sockets = { grpc: grpcSocketPath(runtime), control: controlSocketPath(runtime) }
})
afterAll(() => worker[Symbol.asyncDispose]())

/** A program's output, or what it says where it fails. */
async function output(program: string, args: string[]): Promise<string> {
  try {
    return (await run(program, args, { timeout: 60_000 })).stdout
  } catch (thrown) {
    const { stdout, stderr } = thrown as { stdout: string; stderr: string }
    return stdout + stderr
  }
}

describe('buf curl', () => {
  const buf = (method: string, request: object, ...more: string[]) => {
    const places = more.length > 0 ? more : ['--unix-socket', sockets.grpc]
    const url = `http://127.0.0.1:${port}/${method}`
    const protocol = ['--protocol', 'grpc', '--http2-prior-knowledge']
    return output(join(BINARIES, 'buf'), ['curl', ...protocol, ...places, '-d', JSON.stringify(request), url])
  }

  it('finds every service by reflection', async () => {
    const args = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--unix-socket', sockets.grpc]
    const services = await output(join(BINARIES, 'buf'), [...args, '--list-services', 'http://localhost'])
    expect(services.trim().split('\n')).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'mcp_daemon.McpDaemon',
      'pilotlight.v1.Pool',
    ])
  })

  it('calls a tool', async () => {
    const request = { server: 'one', tool: 'pid', arguments: '{"x": 1.50}' }
    const { result } = JSON.parse(await buf('pilotlight.v1.Pool/Execute', request)) as { result: string }
    expect(JSON.parse(result)).toMatchObject({ structuredContent: { x: 1.5, pid: expect.any(Number) } })
  })

  it('is told why a call fails', async () => {
    const refused = JSON.parse(await buf('pilotlight.v1.Pool/Execute', { server: 'one', tool: 'pit' })) as object
    const message = 'server "one": there is no tool "pit". Did you mean pid?'
    expect(refused).toMatchObject({ code: 'not_found', message })
  })

  it('needs the token over TCP, to reflect too', async () => {
    const method = 'mcp_daemon.McpDaemon/Health'
    const token = ['-H', `Authorization: Bearer ${worker.token}`]
    const reflect = ['--reflect-header', `Authorization: Bearer ${worker.token}`]
    expect(await buf(method, {}, ...token)).not.toContain('healthy')
    expect(await buf(method, {}, ...reflect)).toContain('unauthenticated')
    expect(JSON.parse(await buf(method, {}, ...token, ...reflect))).toMatchObject({ healthy: true })
  })
})

describe('curl', () => {
  const curl = (...args: string[]) => output('curl', ['-s', '--max-time', '60', ...args])

  it('asks the same over TCP, with the token, and over control.sock, without', async () => {
    const token = ['-H', `authorization: Bearer ${worker.token}`]
    const overTcp = JSON.parse(await curl(...token, `${worker.url}/servers/one/tools`)) as object
    const overSocket = await curl('--unix-socket', sockets.control, 'http://localhost/servers/one/tools')
    expect(JSON.parse(overSocket)).toEqual(overTcp)
    expect(await curl(`${worker.url}/servers/one/tools`)).toContain('unauthenticated')
  })

  it('follows a call', async () => {
    const body = ['-H', 'content-type: application/json', '-d', '{"tool":"pid"}']
    const url = 'http://localhost/servers/one/execute?stream=1'
    expect(await curl('--unix-socket', sockets.control, ...body, url)).toMatch(/^event: result\ndata: \{.*\}\n\n$/)
  })
})

const python = await findPythonGrpc()

describe.runIf(python.kind === 'ready')("Python's gRPC", () => {
  interface Answer {
    status: string
    message: string
    messages: Record<string, unknown>[]
    body: unknown
  }

  /** What it says to calls, one after another over one connection. */
  async function ask(target: string, calls: object[]): Promise<Answer[]> {
    const descriptors = join(worker.home.path, 'descriptors.bin')
    await writeFile(descriptors, Buffer.from(DESCRIPTORS, 'base64'))
    const asking = run('/usr/bin/python3', [CALL_METHODS, target, descriptors], { timeout: 60_000 })
    asking.child.stdin?.end(calls.map((call) => `${JSON.stringify(call)}\n`).join(''))
    const { stdout } = await asking
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer)
  }

  it('calls an old daemon, the pool and the standard health checking over the socket', async () => {
    const call = { server_name: 'one', tool_name: 'pid', arguments: '{"é": "\\u00e9"}' }
    const answers = await ask(`unix:${sockets.grpc}`, [
      { method: 'mcp_daemon.McpDaemon/Health' },
      { method: 'mcp_daemon.McpDaemon/GetAllTools', request: { config_path: worker.configPath } },
      { method: 'mcp_daemon.McpDaemon/CallTool', request: call },
      { method: 'mcp_daemon.McpDaemon/CallTool', request: { ...call, config_path: '/etc/passwd' } },
      { method: 'pilotlight.v1.Pool/GetServer', request: { name: 'one' } },
      { method: 'pilotlight.v1.Pool/GetServer', request: { name: 'none' } },
      { method: 'grpc.health.v1.Health/Check', request: { service: 'pilotlight.v1.Pool' } },
    ])
    expect(answers).toMatchObject([
      { messages: [{ healthy: true }] },
      { messages: [{ tools_by_server: { one: { tools: [{ name: 'count' }, {}, {}, { name: 'pid' }] } } }] },
      { messages: [{ success: true, result: expect.stringContaining('"é":"é"') }] },
      { status: 'PERMISSION_DENIED', body: { code: 'forbidden' } },
      { messages: [{ name: 'one', state: 'ready' }] },
      { status: 'NOT_FOUND', body: { code: 'unknown_server' } },
      { messages: [{ status: 'SERVING' }] },
    ])
  })

  it('ends a call at its deadline, and needs the token over TCP', async () => {
    const waits = { server: 'one', tool: 'sleep', arguments: '{"ms": 60000}' }
    const metadata = { authorization: `Bearer ${worker.token}` }
    const answers = await ask(`127.0.0.1:${port}`, [
      { method: 'mcp_daemon.McpDaemon/Health' },
      { method: 'mcp_daemon.McpDaemon/Health', metadata },
      { method: 'pilotlight.v1.Pool/Execute', request: waits, metadata, timeout: 0.2 },
    ])
    expect(answers.map(({ status }) => status)).toEqual(['UNAUTHENTICATED', 'OK', 'DEADLINE_EXCEEDED'])
  })
})
