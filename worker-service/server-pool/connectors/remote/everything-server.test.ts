import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OneServer } from '../../../../test/support/one-server.ts'
import { remoteServer } from '../../../../test/support/remote-server.ts'
import { createConnector } from '../open-connection.ts'

const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')),
  'dist/index.js',
)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function startEverything(mode: 'streamableHttp' | 'sse') {
  const port = await freePort()
  const env = { ...process.env, PORT: String(port) }
  const child = spawn(process.execPath, [PROGRAM, mode], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(String(port))) resolve()
    })
  })
  return {
    url: `http://127.0.0.1:${port}/${mode === 'sse' ? 'sse' : 'mcp'}`,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

describe('the everything server', () => {
  it.each([
    ['streamableHttp', 'http'],
    ['sse', 'sse'],
  ] as const)('lists its tools and runs them over %s', async (mode, transport) => {
    await using server = await startEverything(mode)
    const definition = remoteServer(server.url, { transport })
    await using everything = new OneServer(definition, createConnector({ variables: {} }))
    const { tools } = await everything.list()
    expect(tools.map(({ name }) => name)).toContain('echo')
    expect(await everything.call('echo', { message: 'hello' })).toEqual({
      content: [{ type: 'text', text: 'Echo: hello' }],
    })
  })
})
