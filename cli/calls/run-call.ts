import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { TypedCall } from './parse-calls.ts'
import type { HostedTool, ToolHost } from './tool-host.ts'

/** Makes a call that was typed. Resolves with its result, JSON text. Throws `invalid_request` with how the tool is called. */
export async function runCall(call: TypedCall, host: ToolHost): Promise<string> {
  try {
    return await host.call(call)
  } catch (thrown) {
    const error = ServiceError.from(thrown)
    const tool = isJsonObject(error.details) ? error.details.tool : undefined
    if (error.code !== 'invalid_request' || !isJsonObject(tool)) throw error
    const { toolUsage } = await import('./tool-usage.ts')
    const { server } = call
    const usage = toolUsage(server, tool as unknown as HostedTool)
    throw new ServiceError('invalid_request', `${server}/${call.tool}: ${error.message}\n\n${usage}`.trimEnd())
  }
}
