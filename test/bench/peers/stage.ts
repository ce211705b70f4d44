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
import { together } from '../together.ts'
import { DIRECT_HTTP } from './best-peer.ts'
import { installedPackage } from './installed-package.ts'
import { PeerHost } from './peer-host.ts'
import { PEERS, type Peer } from './peers.ts'

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
  const failures = new Map<string, string>()
  const enter = async (path: string, open: () => Promise<Client>): Promise<Contestant<string>> => {
    const client = await open()
    // Some put the server's name before it.
    const { tools } = await client.listTools()
    const name = tools.find((tool) => tool.name.endsWith('text'))?.name
    await callText(client, 1, name)
    return { path, call: (length) => callText(client, length, name) }
  }
  const overStdio = async (command: Parameters<typeof openSdkClient>[0]) =>
    stack.adopt((await openSdkClient(command)).client, (client) => client.close())
  const installed = await installPeers({ say, failures }, signal)
  // Some take seconds to end.
  const hosts: PeerHost[] = []
  stack.defer(async () => void (await together(hosts.map((host) => host[Symbol.asyncDispose]()))))
  const enterPeer = async ([peer, program]: InstalledPeer, place: number) => {
    try {
      const host = await PeerHost.open(join(worker.home.path, `peer-${place}`), program)
      hosts.push(host)
      return [await enter(peer.title, () => peer.open(host))]
    } catch (thrown) {
      failures.set(peer.title, reasonOf(thrown))
      return []
    }
  }

  say('starting a worker, the others, and a client of each')
  const [ours, others] = await together([
    together([
      enter('direct', () => overStdio({ ...SERVER, env: {} })),
      startHttpServer(worker.home.path, stack).then((url) =>
        enter(DIRECT_HTTP, () => overHttp({ url, headers: {} }, stack)),
      ),
      enter('pilot connect', () => overStdio(worker.connect(NAME))),
      enter('/mcp/{server}', () => overHttp(worker.endpoint(NAME), stack)),
    ]),
    together(installed.map(enterPeer)),
  ])
  const owned = stack.move()
  return {
    contestants: [...ours, ...others.flat()],
    failures,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type InstalledPeer = readonly [peer: Peer, program: string]

/** The peers that can be had, with the paths of their programs. */
async function installPeers(
  { say, failures }: Pick<MeasureOptions, 'say'> & { failures: Map<string, string> },
  signal: AbortSignal,
): Promise<InstalledPeer[]> {
  const installed: InstalledPeer[] = []
  for (const peer of PEERS) {
    say(peer.title)
    try {
      installed.push([peer, join(await installedPackage(peer.package, signal), peer.program)])
    } catch (thrown) {
      signal.throwIfAborted()
      failures.set(peer.title, reasonOf(thrown))
    }
  }
  return installed
}

async function overHttp(
  { url, headers }: ReturnType<OwnWorker['endpoint']>,
  stack: AsyncDisposableStack,
): Promise<Client> {
  const client = stack.adopt(new Client({ name: 'bench', version: '1' }), (opened) => opened.close())
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
  return client
}
