import { ServiceError } from '../../shared/errors/service-error.ts'
import { configurationPlace, readText } from '../../shared/folders.ts'
import { controlSocketPath } from '../../shared/server-socket.ts'
import type { WorkerRequest } from '../../shared/worker-client/worker-client.ts'
import { isOfOtherVersion } from '../../shared/worker-record.ts'
import type { CommandContext } from '../command.ts'
import { type QuickResponse, quickRequest } from './quick-request.ts'

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
    throw await toError(status, body)
  }

  async #request(request: WorkerRequest): Promise<QuickResponse> {
    this.#send ??= await this.#open()
    try {
      const response = await this.#send(request)
      // It never began with what was asked, and another one will be there in a moment.
      if (response.status !== 503 || (await toError(503, response.body)).code !== 'shutting_down') return response
    } catch (thrown) {
      if (!isAway(thrown)) throw thrown
    }
    this.#send = await this.#reopen()
    return this.#send(request)
  }

  // Of the environment no more is read than where the worker is met; what is wrong with the rest is for whoever needs it.
  async #open(): Promise<Send> {
    const { variables } = this.#context
    const { runtime } = configurationPlace(variables)
    if (readText(variables, 'WORKER_SERVICE_URL') !== undefined || isOfOtherVersion(runtime)) return this.#reopen()
    const path = controlSocketPath(runtime)
    return (request) => quickRequest(path, request, () => this.#context.signal)
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

async function toError(status: number, body: string): Promise<ServiceError> {
  return (await import('./response-error.ts')).toError(status, body)
}
