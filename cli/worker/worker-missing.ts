import type { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'

/** What an error says in `details` where there is no worker and none could be started. */
export const WORKER_MISSING = { reason: 'worker_missing' } as const

/** Whether an error says so. */
export function isWorkerMissing({ details }: ServiceError): boolean {
  return isJsonObject(details) && details.reason === WORKER_MISSING.reason
}
