import type { ServerStatus, Status } from '../../shared/contracts/server-status.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { ToolDefinition } from '../tool-catalog/tool-catalog.ts'
import type { Progress, Server, StatusResponse, Tool } from './generated/pilotlight/v1/pool.ts'

/** The status of the worker as its message. */
export function toStatusResponse({ service, servers }: Status): StatusResponse {
  const { version, pid, uptime_s, config_path, config_problem, isolation, counts } = service
  const { in_flight, ...others } = counts
  return {
    service: {
      version,
      pid,
      uptimeS: uptime_s,
      configPath: config_path,
      configProblem: config_problem ?? undefined,
      isolation,
      counts: { ...others, inFlight: in_flight },
    },
    servers: servers.map(toServer),
  }
}

/** The row of a server as its message. */
export function toServer(row: ServerStatus): Server {
  const { name, state, why, next, instances, clients, calls, restarts, withheld } = row
  return {
    name,
    state,
    since: new Date(row.since),
    why,
    next,
    pid: row.pid ?? undefined,
    instances,
    clients,
    maxClients: row.max_clients,
    inFlight: row.in_flight,
    calls,
    restarts,
    lastUsed: row.last_used === null ? undefined : new Date(row.last_used),
    memoryMb: row.memory_mb ?? undefined,
    withheld,
    toolsChanged: row.tools_changed ?? undefined,
    hiddenCharacters: row.hidden_characters,
  }
}

/** A tool as its message. */
export function toTool(definition: string): Tool {
  const { name, description = '' } = JSON.parse(definition) as ToolDefinition
  return { name, description, definition }
}

/** The params of a progress notification as their message; undefined where they do not say how far it is. */
export function toProgress(params: unknown): Progress | undefined {
  if (!isJsonObject(params) || typeof params.progress !== 'number') return undefined
  const { progress, total, message } = params
  return {
    progress,
    total: typeof total === 'number' ? total : undefined,
    message: typeof message === 'string' ? message : undefined,
  }
}
