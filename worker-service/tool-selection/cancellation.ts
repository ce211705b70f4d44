import { ServiceError } from '../../shared/errors/service-error.ts'

/** Why a caller's signal aborted, as an error: its own ServiceError, `selector_timeout` for a timeout signal, else `cancelled`. */
export function toCancellation({ reason }: AbortSignal): ServiceError {
  if (ServiceError.is(reason)) return reason
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError'
  return timedOut
    ? new ServiceError('selector_timeout', 'Tool selector did not answer in time.', { cause: reason })
    : new ServiceError('cancelled', 'The request was cancelled.', { cause: reason })
}
