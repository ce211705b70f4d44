// Apart from the schema that holds it, so that a one-shot, whose service reports it too, loads no zod for it.

/** The name the worker gives itself in `/health`. */
export const WORKER_SERVICE_NAME = 'pilotlight-worker'
