import { connectorContract, type ServerBehaviour } from '../../../../test/contracts/connector-contract.ts'
import { serveBehaviour } from '../../../../test/support/behaving-server.ts'
import { remoteServer } from '../../../../test/support/remote-server.ts'
import { createConnector } from '../open-connection.ts'

const BEHAVIOURS: ServerBehaviour[] = ['echoes', 'dribbles', 'dies', 'hangs']

for (const [transport, path] of [
  ['http', '/mcp'],
  ['sse', '/sse'],
] as const) {
  connectorContract(
    `the remote connector (${transport})`,
    async () => {
      const servers = new Map(
        await Promise.all(BEHAVIOURS.map(async (behaviour) => [behaviour, await serveBehaviour(behaviour)] as const)),
      )
      return {
        open: createConnector({ variables: {} }),
        define(behaviour, options) {
          const url = new URL(path, servers.get(behaviour)?.url)
          return remoteServer(url.href, { transport, ...options })
        },
        left: () => [...servers.values()].reduce((sum, { sockets }) => sum + sockets.size, 0),
        async [Symbol.asyncDispose]() {
          for (const server of servers.values()) await server[Symbol.asyncDispose]()
        },
      }
    },
    // Each frame is a request of its own, and without a session nothing is listened to in between.
    { keepsOrder: false, noticesTheEnd: transport === 'sse' },
  )
}
