import type { StdioServerDefinition } from '../server-definition.ts'
import type { Connector } from './connector.ts'
import type { RemoteConnectorOptions } from './remote/remote.ts'
import type { StdioConnectorOptions } from './stdio.ts'

/** How servers are reached, by each transport. */
export interface ConnectorOptions extends StdioConnectorOptions {
  remote?: RemoteConnectorOptions
}

/** Makes one connector for every transport that a definition can name. Each is loaded when it is first used: a one-shot may need none. */
export function createConnector(options: ConnectorOptions): Connector {
  let stdio: Promise<Connector<StdioServerDefinition>> | undefined
  return async (definition, signal) => {
    switch (definition.transport) {
      case 'stdio': {
        stdio ??= import('./stdio.ts').then(({ createStdioConnector }) => createStdioConnector(options))
        return (await stdio)(definition, signal)
      }
      case 'http':
      case 'sse': {
        const { createRemoteConnector } = await import('./remote/remote.ts')
        return createRemoteConnector(options.remote)(definition, signal)
      }
    }
  }
}
