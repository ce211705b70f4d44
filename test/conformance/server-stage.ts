import { join } from 'node:path'
import { createConformanceServer } from '../fixtures/conformance/create-conformance-server.ts'
import { createEventStore } from '../support/event-store.ts'
import { OwnWorker } from '../support/own-worker.ts'
import { serveStreamableHttp } from '../support/remote-server.ts'
import { serveTokenRelay } from './token-relay.ts'

/** The URLs at which the suite meets the fixture server: its own, and those of the pool, which has it as a program and as a remote server. */
export interface ServerStage extends AsyncDisposable {
  readonly direct: string
  readonly stdio: string
  readonly http: string
  /** Where the pool has it as a program, for whoever brings a token. */
  readonly withoutToken: string
}

const PROGRAM = join(import.meta.dirname, '../fixtures/servers/conformance.ts')
const RETRY_MS = 100

/** Starts the fixture server, a worker that has it in its pool, and a relay that lets the suite in. */
export async function createServerStage(): Promise<ServerStage> {
  await using stack = new AsyncDisposableStack()
  const direct = stack.use(
    await serveStreamableHttp({
      create: createConformanceServer,
      eventStore: createEventStore(),
      retryInterval: RETRY_MS,
      checksHost: true,
    }),
  )
  const mcpServers = {
    stdio: { command: process.execPath, args: [PROGRAM] },
    http: { type: 'http', url: direct.url },
  }
  const worker = stack.use(await OwnWorker.start({ mcpServers }))
  const relay = stack.use(await serveTokenRelay(worker.url, worker.token))
  const owned = stack.move()
  return {
    direct: direct.url,
    stdio: `${relay.url}/mcp/stdio`,
    http: `${relay.url}/mcp/http`,
    withoutToken: `${worker.url}/mcp/stdio`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
