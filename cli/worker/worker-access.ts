import type { Environment } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { controlSocketPath } from '../../shared/server-socket.ts'
import { VERSION } from '../../shared/version.ts'
import type { WorkerRequest } from '../../shared/worker-client/worker-client.ts'
import { readWorkerRecord } from '../../shared/worker-record.ts'
import type { CommandContext } from '../command.ts'
import { type QuickResponse, quickRequest } from './quick-request.ts'
import { toError } from './response-error.ts'

/** Sends a request to a worker. */
export type Send = (request: WorkerRequest) => Promise<QuickResponse>

/** What is done where no worker runs: it is started, or the command fails and says how it could be. */
export type WhenAway = 'start' | 'refuse'

/** The worker as a command asks it: on its socket, or where somebody else runs it. Opened with the first request. */
export class WorkerAccess {
  readonly #context: CommandContext
  readonly #whenAway: WhenAway
  #send: Send | undefined

  constructor(context: CommandContext, whenAway: WhenAway) {
    this.#context = context
    this.#whenAway = whenAway
  }

  /** The body of the answer to a request. Throws the ServiceError that the worker answers with, and those of having no answer. */
  async ask(request: WorkerRequest): Promise<string> {
    const { status, body } = await this.#request(request)
    if (status >= 200 && status < 300) return body
    throw toError(status, body)
  }

  async #request(request: WorkerRequest): Promise<QuickResponse> {
    this.#send ??= await this.#open()
    try {
      const response = await this.#send(request)
      // It never began with what was asked, and another one will be there in a moment.
      if (response.status !== 503 || toError(503, response.body).code !== 'shutting_down') return response
    } catch (thrown) {
      if (!isAway(thrown)) throw thrown
    }
    this.#send = await this.#reopen()
    return this.#send(request)
  }

  async #open(): Promise<Send> {
    const environment = this.#context.environment()
    if (environment.worker.url !== undefined || isOutdated(environment)) return this.#reopen()
    const path = controlSocketPath(environment.folders.runtime)
    return (request) => quickRequest(path, request)
  }

  // What it takes to look for a worker or to start one is loaded where there is none at hand.
  async #reopen(): Promise<Send> {
    const { findWorker } = await import('./find-worker.ts')
    return findWorker(this.#context, this.#whenAway)
  }
}

/** Whether an error says that nobody is there. */
function isAway(thrown: unknown): boolean {
  return ServiceError.is(thrown) && thrown.code === 'server_unavailable'
}

function isOutdated({ folders }: Environment): boolean {
  const record = readWorkerRecord(folders.runtime)
  return record !== undefined && record.version !== VERSION
}
