import type { Agent } from 'undici'
import type { RemoteServerDefinition } from '../../server-definition.ts'
import type { Connector } from '../connector.ts'
import { type Authorizer, NO_AUTHORIZER } from './authorizer.ts'
import { LegacySse } from './legacy-sse.ts'
import { type RemoteClock, SYSTEM_REMOTE_CLOCK } from './remote-clock.ts'
import { RemoteConnection } from './remote-connection.ts'
import { RemoteEndpoint } from './remote-endpoint.ts'
import { resolveRemoteSite } from './remote-site.ts'
import { StreamableHttp } from './streamable-http.ts'

/** How remote servers are reached. */
export interface RemoteConnectorOptions {
  /** Who logs us in to a server whose headers do not. Nobody by default. */
  authorizerOf?: (definition: RemoteServerDefinition) => Authorizer
  clock?: RemoteClock
}

// Every call under way holds a connection, and one more listens; a server that keeps more of them waiting is stuck.
const MAX_SOCKETS = 256
const KEEP_ALIVE_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000

/** Makes the connector for servers that are reached over HTTP. Each connection has sockets of its own, which end with it. */
export function createRemoteConnector(options: RemoteConnectorOptions = {}): Connector<RemoteServerDefinition> {
  const { authorizerOf = () => NO_AUTHORIZER, clock = SYSTEM_REMOTE_CLOCK } = options
  return async (definition, signal) => {
    signal.throwIfAborted()
    const site = resolveRemoteSite(definition)
    const agent = await createAgent()
    const authorizer = authorizerOf(definition)
    const endpoint = new RemoteEndpoint(site, { agent, authorizer })
    const { transport, maxMessageBytes, startTimeoutMs } = definition
    const connection = new RemoteConnection({ site, agent, authorizer, maxMessageBytes, clock }, (inbox) =>
      transport === 'http'
        ? new StreamableHttp({ endpoint, inbox, maxMessageBytes, clock })
        : new LegacySse({ endpoint, inbox, maxMessageBytes, openTimeoutMs: startTimeoutMs }),
    )
    try {
      await connection.open(signal)
      return connection
    } catch (thrown) {
      await connection[Symbol.asyncDispose]()
      throw thrown
    }
  }
}

async function createAgent(): Promise<Agent> {
  // Loaded only by who has a remote server.
  const { Agent: UndiciAgent } = await import('undici')
  return new UndiciAgent({
    connections: MAX_SOCKETS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // An endless stream and calls of several minutes gain nothing by sharing one socket.
    allowH2: false,
  })
}
