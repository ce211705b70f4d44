import type { ToolCall } from '../../shared/contracts/tool-call.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { parseJson } from '../../shared/parse-json.ts'
import type { ToolDefinition } from '../tool-catalog/tool-catalog.ts'
import { argumentsFromSchema, type Flags } from './arguments-from-schema.ts'
import { InvalidInput } from './invalid-input.ts'
import type { ServerControl, WorkerControl } from './worker-control.ts'

/** Where a tool's schema is looked up. */
export interface KnownTools extends Pick<WorkerControl, 'toolsOf'> {
  readonly servers: Pick<ServerControl, 'askForTools'>
}

const FLAGS = '"flags"'

/** The flags in the body of a tool call; undefined where there are none. Throws InvalidInput. */
export function flagsOf(body: Buffer): Flags | undefined {
  // Bodies are large and rarely have any.
  if (!body.includes(FLAGS)) return undefined
  const value = parseJson(body.toString())
  const flags = isJsonObject(value) ? value.flags : undefined
  if (flags === undefined || isFlags(flags)) return flags
  const msg = 'Input should be an object whose members are lists of strings'
  throw new InvalidInput({ type: 'dict_type', loc: ['body', 'flags'], msg, input: flags })
}

function isFlags(value: unknown): value is Flags {
  const isTexts = (texts: unknown) => Array.isArray(texts) && texts.every((text) => typeof text === 'string')
  return isJsonObject(value) && Object.values(value).every(isTexts)
}

/**
 * Puts flags among the arguments of a call, with the types of the tool's input schema, for which a server is asked of which no tools are
 * known. Throws `invalid_request` that names what is wrong or missing, with the tool in `details.tool`.
 */
export async function typeFlags(
  { server, call, flags }: { server: string; call: ToolCall; flags: Flags },
  known: KnownTools,
): Promise<ToolCall> {
  const tool = await findTool(server, call.tool, known)
  const args = JSON.parse(call.arguments.toString()) as Record<string, unknown>
  const typed = argumentsFromSchema({ flags, args }, tool?.inputSchema ?? {})
  // As they came, where nothing has to be put among them.
  if (typed.ok && Object.keys(flags).length === 0) return call
  if (typed.ok) return { ...call, arguments: Buffer.from(JSON.stringify(typed.value)) }
  throw new ServiceError('invalid_request', typed.problems.join(' '), { details: { tool } })
}

/** A tool as it is known; undefined where it is not, so that whether there is one is the server's to say. */
async function findTool(
  server: string,
  name: string,
  { servers, toolsOf }: KnownTools,
): Promise<ToolDefinition | undefined> {
  await servers.askForTools(server)
  try {
    return toolsOf(server).find((tool) => tool.name === name)
  } catch (thrown) {
    if (ServiceError.from(thrown).code !== 'server_unavailable') throw thrown
    return undefined
  }
}
