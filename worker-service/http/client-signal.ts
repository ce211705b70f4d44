import type { ServerResponse } from 'node:http'
import { ServiceError } from '../../shared/errors/service-error.ts'

/** Aborts when the client goes away before its answer was written, so that nobody works for a caller who left. */
export function clientSignal(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) controller.abort(new ServiceError('cancelled', 'The client went away.'))
  })
  return controller.signal
}
