import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFreePort } from '../../../../test/support/free-port.ts'
import { OneServer } from '../../../../test/support/one-server.ts'
import { remoteServer } from '../../../../test/support/remote-server.ts'
import { createConnector } from '../open-connection.ts'

const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')),
  'dist/index.js',
)

async function startEverything(mode: 'streamableHttp' | 'sse') {
  const port = await findFreePort()
  const env = { ...process.env, PORT: String(port) }
  const child = spawn(process.execPath, [PROGRAM, mode], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = once(child, 'exit')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  await expect.poll(() => said).toContain(String(port))
  return {
    url: `http://127.0.0.1:${port}/${mode === 'sse' ? 'sse' : 'mcp'}`,
    async [Symbol.asyncDispose]() {
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
