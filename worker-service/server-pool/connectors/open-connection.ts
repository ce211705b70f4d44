import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { Connector } from './connector.ts'
import { createStdioConnector, type StdioConnectorOptions } from './stdio.ts'

/** Makes one connector for every transport that a definition can name. */
export function createConnector(options: StdioConnectorOptions): Connector {
  const openStdio = createStdioConnector(options)
  return (definition, signal) => {
    switch (definition.transport) {
      case 'stdio':
        return openStdio(definition, signal)
      case 'http':
      case 'sse':
        return Promise.reject(notSupportedYet(definition.name))
    }
  }
}

function notSupportedYet(name: string): ServiceError {
  const remedy = 'Use a "command" that reaches it over stdio.'
  return new ServiceError('server_unavailable', `server "${name}": remote servers are not supported yet. ${remedy}`)
}
