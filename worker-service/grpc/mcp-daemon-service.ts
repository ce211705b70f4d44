import { isAbsolute, resolve } from 'node:path'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { parseJson } from '../../shared/parse-json.ts'
import type { WorkerControl } from '../control/worker-control.ts'
import type { ToolDefinition } from '../tool-catalog/tool-catalog.ts'
import { type CallHandlers, WithTrailers } from './call-handlers.ts'
import { checkedArguments } from './checked-arguments.ts'
import { isUnexpected, toStatus } from './error-status.ts'
import type {
  CallToolRequest,
  CallToolResponse,
  McpDaemonServer,
  Tool,
  ToolList,
} from './generated/mcp_daemon/mcp_daemon.ts'
import type { GrpcControl } from './grpc-control.ts'

/** `mcp_daemon.McpDaemon`, for clients that know such a daemon: the same pool. */
export function createMcpDaemonService({ worker, admission }: GrpcControl, handlers: CallHandlers): McpDaemonServer {
  return {
    getAllTools: handlers.unary(({ configPath }) => {
      checkConfigPath(configPath, worker)
      return { toolsByServer: toolsByServer(worker) }
    }),
    callTool: handlers.unary((request, signal) => {
      checkConfigPath(request.configPath, worker)
      return admission.run(() => callTool(request, worker, signal)).catch(inResponse)
    }),
    health: handlers.unary(() => ({ healthy: !admission.draining, version: worker.health().version })),
  }
}

// A caller never chooses what is run.
function checkConfigPath(path: string, { servers }: WorkerControl): void {
  if (path === '' || (isAbsolute(path) && resolve(path) === servers.configPath)) return
  const remedy = `Leave config_path empty, or give ${servers.configPath}.`
  throw new ServiceError('forbidden', `This worker serves one configuration and takes no other. ${remedy}`)
}

function toolsByServer(worker: WorkerControl): Record<string, ToolList> {
  const known = worker.servers.status().servers.flatMap(({ name }) => {
    const tools = toolsIfKnown(worker, name)
    return tools === undefined ? [] : [[name, { tools: tools.map(toTool) }] as const]
  })
  return Object.fromEntries(known)
}

function toolsIfKnown(worker: WorkerControl, server: string): readonly ToolDefinition[] | undefined {
  try {
    return worker.toolsOf(server)
  } catch {
    return undefined
  }
}

function toTool({ name, description = '', inputSchema }: ToolDefinition): Tool {
  return { name, description, inputSchema: JSON.stringify(inputSchema) }
}

async function callTool(
  { serverName: server, toolName: tool, arguments: args }: CallToolRequest,
  { servers }: WorkerControl,
  signal: AbortSignal,
): Promise<CallToolResponse> {
  const result = (await servers.execute(server, checkedArguments(servers, { server, tool, args }), signal)).toString()
  const error = errorIn(result)
  return { result, success: error === undefined, error: error ?? '' }
}

/** What a tool says went wrong; undefined where nothing did. */
function errorIn(result: string): string | undefined {
  // Most results need not be parsed to know.
  if (!result.includes('"isError"')) return undefined
  const parsed = parseJson(result)
  if (!isJsonObject(parsed) || parsed.isError !== true) return undefined
  const content: unknown[] = Array.isArray(parsed.content) ? parsed.content : []
  const texts = content.filter(isJsonObject).flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
  return texts.join('\n') || 'The tool failed and does not say why.'
}

// Its clients look for failures in the response; what they do not know is in the trailers.
function inResponse(thrown: unknown): WithTrailers<CallToolResponse> {
  if (isUnexpected(thrown)) throw thrown
  const { details, metadata } = toStatus(thrown)
  return new WithTrailers({ result: '', success: false, error: details }, metadata)
}
