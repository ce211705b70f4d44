import type { ToolCall } from '../shared/contracts/tool-call.ts'
import { toInvalidRequest } from '../shared/contracts/validation-issue.ts'
import type { Environment } from '../shared/environment.ts'
import { forgetFirstTools } from '../shared/first-tools.ts'
import { loadServerConfiguration, sourcesOf } from './config/server-configuration.ts'
import type { Flags } from './control/arguments-from-schema.ts'
import { typeFlags } from './control/type-flags.ts'
import { listedTools } from './listed-tools.ts'
import { SILENT_OBSERVER, SILENT_SERVERS_OBSERVER } from './observability/silent-observer.ts'
import { PooledServers } from './pooled-servers.ts'
import { createService } from './service.ts'
import type { ToolDefinition } from './tool-catalog/tool-catalog.ts'
import { toAnswerText } from './tool-selection/find-tools.ts'

/** What a command does with the servers when there is no worker: the same pool and the same finding, in its own process. */
export interface DirectService extends AsyncDisposable {
  /** The configured servers, by name. */
  servers(): readonly string[]
  /** A server's tools; it is started for them where they are not known. Throws `unknown_server` and what `listedTools` throws. */
  tools(server: string): Promise<readonly ToolDefinition[]>
  /** Calls a tool once, flags typed as `typeFlags` does. Resolves with the result, JSON text as the server sent it. */
  call(call: DirectCall, signal: AbortSignal): Promise<string>
  /** The answer to a find_tools request, as the worker would give it, JSON text. */
  find(request: unknown, signal: AbortSignal): Promise<string>
}

/** A call to a server, and what else is typed for it as flags. */
export interface DirectCall {
  readonly server: string
  readonly call: ToolCall
  readonly flags: Flags | undefined
}

/** What the service is made from. */
export interface DirectOptions {
  readonly environment: Environment
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Whether servers of which nothing is remembered are all asked for their tools, as it takes to find some among them. */
  readonly isFinding: boolean
}

/** Opens the service in this process. Disposing it ends every server that it has started. Throws `invalid_configuration`. */
export async function openDirectService({ isFinding, ...options }: DirectOptions): Promise<DirectService> {
  const configuration = await loadServerConfiguration(sourcesOf(options.environment, options.variables))
  const servers = await PooledServers.open({ ...options, configuration, observer: SILENT_SERVERS_OBSERVER })
  const listing = isFinding ? 'missing' : 'nothing'
  const service = await createService({ ...options, servers, listing, observer: SILENT_OBSERVER })
  service.tools.onChange(() => forgetFirstTools(options.environment))
  const toolsOf = (server: string) => listedTools(server, service.tools.catalog)
  // The pool's own timers keep no process alive: without a server that runs, one that is to start again would be waited for by nobody.
  const alive = setInterval(() => {}, 1_000)
  return {
    servers: () => servers.status().servers.map(({ name }) => name),
    async tools(server) {
      await servers.askForTools(server)
      return toolsOf(server)
    },
    async call({ server, call, flags }, signal) {
      const typed = flags === undefined ? call : await typeFlags({ server, call, flags }, { servers, toolsOf })
      return (await servers.execute(server, typed, signal)).toString()
    },
    async find(request, signal) {
      const outcome = await service.findTools(request, { agentHeader: undefined, session: undefined }, signal)
      if (outcome.kind === 'failed') throw outcome.error
      if (outcome.kind === 'answer') return toAnswerText(outcome)
      throw toInvalidRequest(outcome.body)
    },
    async [Symbol.asyncDispose]() {
      await servers[Symbol.asyncDispose]()
      await service[Symbol.asyncDispose]()
      clearInterval(alive)
    },
  }
}
