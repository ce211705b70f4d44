import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ListServer } from '../tool-catalog/server-listing.ts'
import type { Connector } from './connectors/connector.ts'

/** Makes a way to list servers: each is started, asked within its `startTimeoutMs`, and stopped again. What that takes is loaded with the first. */
export function createListServer(connect: Connector): ListServer {
  return async (definition, signal) => {
    const { openSession } = await import('./server-session.ts')
    await using session = await openSession(definition, connect, signal)
    const { name, startTimeoutMs } = definition
    const late = AbortSignal.timeout(startTimeoutMs)
    try {
      return await session.listTools(AbortSignal.any([signal, late]))
    } catch (thrown) {
      if (!late.aborted || signal.aborted) throw thrown
      throw new ServiceError('timeout', `server "${name}": it did not list its tools within ${startTimeoutMs} ms.`)
    }
  }
}
