import type { CommandContext } from '../command.ts'
import type { ToolHost } from './tool-host.ts'

/** The configured servers in this process. They end with it, however it ends. Throws `invalid_configuration`. */
export async function openDirectTools(
  { environment, variables, signal }: CommandContext,
  { isFinding = false } = {},
): Promise<ToolHost> {
  signal.throwIfAborted()
  const { openDirectService } = await import('../../worker-service/direct-service.ts')
  const service = await openDirectService({ environment: environment(), variables, isFinding })
  return {
    servers: async () => service.servers(),
    tools: (server) => service.tools(server),
    call: ({ server, tool, args, flags }) =>
      service.call({ server, call: { tool, arguments: Buffer.from(args) }, flags }, signal),
    find: (request) => service.find(request, signal),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  }
}
