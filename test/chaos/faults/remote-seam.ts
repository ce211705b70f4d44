import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { serveStreamableHttp } from '../../support/remote-server.ts'
import { PoolStage } from '../pool/pool-stage.ts'
import type { Seam, SeamKind } from './seam.ts'

const CALL_TIMEOUT_MS = 5_000
// So that an answer can be cut at many places.
const PADDING = 'x'.repeat(2_000)

/** Between the worker and a remote MCP server, that of the official SDK. */
export const REMOTE_SEAM: SeamKind = {
  title: 'worker and remote server',
  open: openRemoteSeam,
  // A server that is sent a POST twice does twice what it says, whoever sends it.
  allows: ({ kind }, direction) => direction === 'to client' || kind !== 'duplicate',
}

async function openRemoteSeam(seed: number): Promise<Seam> {
  await using stack = new AsyncDisposableStack()
  const executed: string[] = []
  const server = stack.use(await serveStreamableHttp({ create: () => createServer(executed).server }))
  const port = Number(new URL(server.url).port)
  const proxy = stack.use(await FaultProxy.open({ port, host: '127.0.0.1' }, { seed }))
  const far = { url: `http://127.0.0.1:${proxy.port}/mcp`, callTimeoutMs: CALL_TIMEOUT_MS, heartbeatSeconds: 0 }
  const stage = stack.use(await PoolStage.start({ far }))
  let strays = 0
  const client = await stage.open('far', ({ method }) => {
    if (method === undefined) strays++
  })
  const owned = stack.move()
  return {
    title: REMOTE_SEAM.title,
    proxy,
    async call(token) {
      const { result, error } = await client.call('execute', { token })
      return error === undefined
        ? { result: { token: (result?.['structuredContent'] as { token?: unknown } | undefined)?.token } }
        : { error }
    },
    executed: async () => executed,
    strays: () => strays,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function createServer(executed: string[]): McpServer {
  const server = new McpServer({ name: 'far', version: '1' })
  server.registerTool('execute', { inputSchema: { token: z.string() } }, ({ token }) => {
    executed.push(token)
    return { content: [{ type: 'text', text: PADDING }], structuredContent: { token } }
  })
  return server
}
