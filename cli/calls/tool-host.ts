import type { Schema } from '../../shared/tool-schema.ts'
import type { CommandContext } from '../command.ts'
import { serverPath, serversOf, toolsOf } from '../worker/server-routes.ts'
import { WorkerAccess } from '../worker/worker-access.ts'
import { FallbackTools } from './fallback-tools.ts'

/** A tool as its server lists it, as far as commands look at it. */
export interface HostedTool {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly inputSchema: Schema
}

/** A call: its tool, its arguments, and those that are typed as flags, which get the types of the tool's schema where they are given. */
export interface HostedCall {
  readonly server: string
  readonly tool: string
  /** JSON text of an object, which is passed on as it is. */
  readonly args: string
  readonly flags?: Readonly<Record<string, readonly string[]>>
}

/** Whatever has the servers: the worker, or this process itself. Disposing it ends what it has started. */
export interface ToolHost extends AsyncDisposable {
  /** The names of all servers. */
  servers(): Promise<readonly string[]>
  /** The tools of a server, which is asked for them where they are not known. */
  tools(server: string): Promise<readonly HostedTool[]>
  /**
   * Calls a tool once. Resolves with the result, JSON text as the server sent it. Throws `invalid_request` with the tool in `details.tool`
   * where flags are wrong or missing.
   */
  call(call: HostedCall): Promise<string>
  /** The answer to a find_tools request, JSON text. */
  find(request: Readonly<Record<string, unknown>>): Promise<string>
}

/**
 * Opens what has the servers: this process where that is asked for, else the worker, which is started where none runs; and this process
 * again where it cannot be.
 */
export async function openTools(
  context: CommandContext,
  options: { direct: boolean; isFinding?: boolean },
): Promise<ToolHost> {
  const openDirect = async () => (await import('./direct-tools.ts')).openDirectTools(context, options)
  if (options.direct) return openDirect()
  const worker = new WorkerTools(new WorkerAccess(context, 'start'))
  return new FallbackTools(worker, { tell: (text) => context.tell(text), openOther: openDirect })
}

/** The worker's servers. */
class WorkerTools implements ToolHost {
  readonly #worker: WorkerAccess

  constructor(worker: WorkerAccess) {
    this.#worker = worker
  }

  async servers(): Promise<string[]> {
    return (await serversOf(this.#worker)).map(({ name }) => name)
  }

  tools(server: string): Promise<HostedTool[]> {
    return toolsOf(this.#worker, server, { mayAsk: true })
  }

  call({ server, tool, args, flags }: HostedCall): Promise<string> {
    const typed = flags === undefined ? '' : `,"flags":${JSON.stringify(flags)}`
    const body = `{"tool":${JSON.stringify(tool)},"arguments":${args}${typed}}`
    return this.#worker.ask({ method: 'POST', path: `${serverPath(server)}/execute`, body })
  }

  find(request: Readonly<Record<string, unknown>>): Promise<string> {
    return this.#worker.ask({ method: 'POST', path: '/find_tools', body: JSON.stringify(request) })
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
