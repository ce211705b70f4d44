import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { OwnWorker } from '../../support/own-worker.ts'
import type { Contestant } from '../pool/measure.ts'
import { openSdkClient } from '../pool/sdk-client.ts'
import { SERVER } from '../pool/stage.ts'
import { startHttpServer } from './http-server.ts'

/** The ways a tool call of an official client can go: to a server itself over stdio or HTTP, and to the same one behind each face. */
export type Path = 'direct' | 'connect' | 'mcp' | 'http' | 'httpOne' | 'httpAll'

/** A worker over one server, and what is compared with it. */
export interface FaceStage extends AsyncDisposable {
  readonly worker: OwnWorker
  readonly contestants: readonly Contestant<Path>[]
  /** The ways that are not among the contestants, for they do not work, and why. */
  readonly failures: ReadonlyMap<Path, string>
}

const NAME = 'bench'

/** Opens a stage, and a client on each way. Results of any size are passed on whole, as all others do. */
export async function openStage(): Promise<FaceStage> {
  await using stack = new AsyncDisposableStack()
  const worker = stack.use(
    await OwnWorker.start({
      mcpServers: { [NAME]: { ...SERVER, pinnedTools: ['text'], maxClients: 20, maxResultBytes: 0 } },
    }),
  )
  const ways: Record<Path, () => Promise<Client>> = {
    direct: () => overStdio({ ...SERVER, env: {} }),
    connect: () => overStdio(worker.connect(NAME)),
    mcp: () => overStdio(worker.front()),
    http: async () => overHttp({ url: await startHttpServer(worker.home.path, stack), headers: {} }),
    httpOne: () => overHttp(worker.endpoint(NAME)),
    httpAll: () => overHttp(worker.endpoint()),
  }
  const failures = new Map<Path, string>()
  const enter = async ([path, open]: [Path, () => Promise<Client>]): Promise<Contestant<Path>[]> => {
    try {
      const client = stack.adopt(await open(), (opened) => opened.close())
      await callText(client, 1)
      return [{ path, call: (length) => callText(client, length) }]
    } catch (thrown) {
      failures.set(path, String(thrown))
      return []
    }
  }
  const contestants = (await Promise.all((Object.entries(ways) as [Path, () => Promise<Client>][]).map(enter))).flat()
  const owned = stack.move()
  return { worker, contestants, failures, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Calls the tool for a text of so many characters, under the name that this way gives it. Throws where it fails. */
export async function callText(client: Client, length: number, name = 'text'): Promise<void> {
  const { isError, content } = await client.callTool({ name, arguments: { length } })
  if (isError) throw new Error(JSON.stringify(content))
}

async function overStdio(command: Parameters<typeof openSdkClient>[0]): Promise<Client> {
  return (await openSdkClient(command)).client
}

async function overHttp({ url, headers }: { url: URL; headers: Record<string, string> }): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
  return client
}
