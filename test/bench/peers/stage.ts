import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { OwnWorker } from '../../support/own-worker.ts'
import { startHttpServer } from '../faces/http-server.ts'
import { callText } from '../faces/stage.ts'
import type { Contestant } from '../pool/measure.ts'
import { openSdkClient } from '../pool/sdk-client.ts'
import { SERVER } from '../pool/stage.ts'
import { reasonOf } from '../reason-of.ts'
import type { MeasureOptions } from '../section.ts'
import { DIRECT_HTTP } from './best-peer.ts'
import { installedPackage } from './installed-package.ts'
import { PeerHost } from './peer-host.ts'
import { PEERS } from './peers.ts'

const NAME = 'bench'

/** One official client at one server: direct, through our faces, and through every peer that could be had. */
export interface PeerStage extends AsyncDisposable {
  readonly contestants: readonly Contestant<string>[]
  /** Peers that are left out, by title, and why. */
  readonly failures: ReadonlyMap<string, string>
}

/** Installs the peers where they are not yet, into a folder of the user's cache, and opens a client on each way. */
export async function openStage({ say }: MeasureOptions, signal: AbortSignal): Promise<PeerStage> {
  await using stack = new AsyncDisposableStack()
  const worker = stack.use(await OwnWorker.start({ mcpServers: { [NAME]: SERVER } }))
  const contestants: Contestant<string>[] = []
  const failures = new Map<string, string>()
  const enter = async (path: string, open: () => Promise<Client>) => {
    const client = await open()
    // Some put the server's name before it.
    const { tools } = await client.listTools()
    const name = tools.find((tool) => tool.name.endsWith('text'))?.name
    await callText(client, 1, name)
    contestants.push({ path, call: (length) => callText(client, length, name) })
  }
  const overStdio = async (command: Parameters<typeof openSdkClient>[0]) =>
    stack.adopt((await openSdkClient(command)).client, (client) => client.close())

  await enter('direct', () => overStdio({ ...SERVER, env: {} }))
  const url = await startHttpServer(worker.home.path, stack)
  await enter(DIRECT_HTTP, () => overHttp({ url, headers: {} }, stack))
  await enter('pilot connect', () => overStdio(worker.connect(NAME)))
  await enter('/mcp/{server}', () => overHttp(worker.endpoint(NAME), stack))
  for (const peer of PEERS) {
    say(peer.title)
    try {
      const program = join(await installedPackage(peer.package, signal), peer.program)
      const host = stack.use(await PeerHost.open(join(worker.home.path, `peer-${contestants.length}`), program))
      await enter(peer.title, () => peer.open(host))
    } catch (thrown) {
      signal.throwIfAborted()
      failures.set(peer.title, reasonOf(thrown))
    }
  }
  const owned = stack.move()
  return { contestants, failures, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function overHttp(
  { url, headers }: ReturnType<OwnWorker['endpoint']>,
  stack: AsyncDisposableStack,
): Promise<Client> {
  const client = stack.adopt(new Client({ name: 'bench', version: '1' }), (opened) => opened.close())
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
  return client
}
