import { DEFAULT_WORKER_PORT, type Environment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import type { LogLevel } from '../shared/log-level.ts'
import type { WorkerMode } from '../shared/worker-mode.ts'
import type { ServerConfiguration } from './config/server-configuration.ts'

/** What holds for the worker itself: what the environment says, else the configuration, else what is usual. */
export interface WorkerSettings {
  port: number
  /** Whether any other port will do where that one is taken: nobody has asked for it, and programs find the worker by its record. */
  orAnyPort: boolean
  logLevel: LogLevel
  /** Whether a program that needs a worker may have started this one. */
  autoStart: boolean
}

const DEFAULT_LOG_LEVEL: LogLevel = 'info'

/** Completes the settings of the worker. */
export function resolveWorkerSettings(
  environment: Environment,
  { service }: ServerConfiguration,
  mode: WorkerMode,
): WorkerSettings {
  const port = environment.worker.port ?? service.port
  return {
    port: port ?? DEFAULT_WORKER_PORT,
    orAnyPort: port === undefined && mode !== 'foreground',
    logLevel: environment.logLevel ?? service.logLevel ?? DEFAULT_LOG_LEVEL,
    autoStart: environment.autoStart ?? service.autoStart,
  }
}

/** Why a worker that a program has started ends at once. */
export function notOnDemand({ path }: ServerConfiguration): ServiceError {
  const message = `None is to be started on demand ("service.autoStart" in ${path}). Run "pilot service start".`
  return new ServiceError('server_unavailable', message)
}
