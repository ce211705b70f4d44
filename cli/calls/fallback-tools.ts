import { ServiceError } from '../../shared/errors/service-error.ts'
import type { CommandContext } from '../command.ts'
import { isWorkerMissing } from '../worker/worker-missing.ts'
import type { HostedCall, HostedTool, ToolHost } from './tool-host.ts'

/** The tools of one host, or, once that turns out not to be there, of another, which is opened then. */
export class FallbackTools implements ToolHost {
  #host: ToolHost
  readonly #tell: CommandContext['tell']
  readonly #openOther: () => Promise<ToolHost>

  constructor(
    host: ToolHost,
    { tell, openOther }: { tell: CommandContext['tell']; openOther: () => Promise<ToolHost> },
  ) {
    this.#host = host
    this.#tell = tell
    this.#openOther = openOther
  }

  servers(): Promise<readonly string[]> {
    return this.#ask((host) => host.servers())
  }

  tools(server: string): Promise<readonly HostedTool[]> {
    return this.#ask((host) => host.tools(server))
  }

  call(call: HostedCall): Promise<string> {
    return this.#ask((host) => host.call(call))
  }

  find(request: Readonly<Record<string, unknown>>): Promise<string> {
    return this.#ask((host) => host.find(request))
  }

  async #ask<T>(ask: (host: ToolHost) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#host)
    } catch (thrown) {
      const error = ServiceError.from(thrown)
      if (!isWorkerMissing(error)) throw error
      this.#tell(`pilot: ${error.message} The servers run in this process instead, as with --direct.\n`)
      this.#host = await this.#openOther()
      return ask(this.#host)
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#host[Symbol.asyncDispose]()
  }
}
