import type { ToolCall } from '../../shared/contracts/tool-call.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { parseArguments } from '../control/parse-tool-call.ts'
import type { ServerControl } from '../control/worker-control.ts'

interface Asked {
  server: string
  tool: string
  /** JSON text. */
  args: string
}

/** A tool call as a message has it. Throws `too_large` or InvalidInput. */
export function checkedArguments(servers: ServerControl, { server, tool, args }: Asked): ToolCall {
  const bytes = Buffer.from(args)
  const maxBytes = servers.maxMessageBytes(server)
  if (bytes.length > maxBytes) throw new ServiceError('too_large', `The arguments are larger than ${maxBytes} bytes.`)
  return parseArguments(tool, bytes)
}
