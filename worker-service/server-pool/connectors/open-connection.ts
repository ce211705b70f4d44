import type { Connector } from './connector.ts'
import { createRemoteConnector, type RemoteConnectorOptions } from './remote/remote.ts'
import { createStdioConnector, type StdioConnectorOptions } from './stdio.ts'

/** How servers are reached, by each transport. */
export interface ConnectorOptions extends StdioConnectorOptions {
  remote?: RemoteConnectorOptions
}

/** Makes one connector for every transport that a definition can name. */
export function createConnector(options: ConnectorOptions): Connector {
  const openStdio = createStdioConnector(options)
  const openRemote = createRemoteConnector(options.remote)
  return (definition, signal) => {
    switch (definition.transport) {
      case 'stdio':
        return openStdio(definition, signal)
      case 'http':
      case 'sse':
        return openRemote(definition, signal)
    }
  }
}
