import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { Connector } from './connector.ts'
import type { StdioConnectorOptions } from './stdio.ts'

/** Makes one connector for every transport that a definition can name. Each is loaded when it is first used: a one-shot may need none. */
export function createConnector(options: StdioConnectorOptions): Connector {
  return async (definition, signal) => {
    switch (definition.transport) {
      case 'stdio': {
        const { createStdioConnector } = await import('./stdio.ts')
        return createStdioConnector(options)(definition, signal)
      }
      case 'http':
      case 'sse':
        throw notSupportedYet(definition.name)
    }
  }
}

function notSupportedYet(name: string): ServiceError {
  const remedy = 'Use a "command" that reaches it over stdio.'
  return new ServiceError('server_unavailable', `server "${name}": remote servers are not supported yet. ${remedy}`)
}
