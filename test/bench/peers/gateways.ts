import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { OwnWorker } from '../../support/own-worker.ts'
import { createTemporaryHome } from '../../support/temporary-home.ts'
import { openSdkClient } from '../pool/sdk-client.ts'
import { installedPackage } from './installed-package.ts'
import { PeerHost } from './peer-host.ts'
import type { Peer } from './peers.ts'

/** The server of every gateway, which does not end with its input. */
export const STAYING_SERVER = { command: process.execPath, args: [join(import.meta.dirname, 'staying-server.ts')] }

/** What stands between clients and so many servers, which it started itself. */
export interface Gateway extends AsyncDisposable {
  /** Official clients, one for each server. */
  readonly clients: readonly Client[]
  /** Its own processes: one, or one for each server where it can have no more. */
  readonly pids: readonly number[]
  /** Stands in the environment of each of its processes and servers. */
  readonly mark: string
  /** Connects another client to the first server. */
  connectAgain(): Promise<Client>
}

/** A gateway that can be opened. */
export interface GatewayKind {
  readonly title: string
  open(servers: number, signal: AbortSignal): Promise<Gateway>
}

type Connect = (worker: OwnWorker, server: string) => Promise<Client>

/** Ours, as its clients meet it on two faces. */
export const OUR_GATEWAYS: readonly GatewayKind[] = [
  ours('pilot connect', async (worker, server) => (await openSdkClient(worker.connect(server))).client),
  ours('/mcp/{server}', async (worker, server) => {
    const { url, headers } = worker.endpoint(server)
    const client = new Client({ name: 'bench', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
    return client
  }),
]

function ours(title: string, connect: Connect): GatewayKind {
  return {
    title,
    async open(servers) {
      await using stack = new AsyncDisposableStack()
      const names = Array.from({ length: servers }, (_, index) => `bench-${index}`)
      const mcpServers = Object.fromEntries(names.map((name) => [name, STAYING_SERVER]))
      const worker = stack.use(await OwnWorker.start({ mcpServers }))
      const open = async (name: string) => stack.adopt(await connect(worker, name), (client) => client.close())
      const clients: Client[] = []
      for (const name of names) clients.push(await open(name))
      const owned = stack.move()
      return {
        clients,
        pids: [worker.program.pid],
        mark: worker.home.path,
        connectAgain: async () => owned.adopt(await connect(worker, names[0] ?? ''), (client) => client.close()),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      }
    },
  }
}

/** A peer as a gateway: a process of it for each server. */
export function peerGateway(peer: Peer): GatewayKind {
  return {
    title: peer.title,
    async open(servers, signal) {
      const program = join(await installedPackage(peer.package, signal), peer.program)
      await using stack = new AsyncDisposableStack()
      const home = stack.use(await createTemporaryHome(process.env.PATH ?? ''))
      const hosts: PeerHost[] = []
      const clients: Client[] = []
      for (let index = 0; index < servers; index++) {
        const host = stack.use(await PeerHost.open(join(home.path, `peer-${index}`), program, STAYING_SERVER))
        clients.push(await peer.open(host))
        hosts.push(host)
      }
      const owned = stack.move()
      return {
        clients,
        pids: hosts.map(({ pid }) => pid),
        mark: home.path,
        connectAgain: () => (hosts[0] as PeerHost).connectAgain(),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      }
    },
  }
}
