import type { LogLevel } from '../../shared/log-level.ts'
import type { WrittenService } from './sections.ts'

/** What a configuration says of the worker itself. Where port and level are undefined the environment's hold; it wins over both. */
export interface ServiceSettings {
  /** Whether a command that needs a worker may start one in the background. */
  autoStart: boolean
  /** So long without clients and calls a worker in the background stops itself; undefined for never. */
  autoShutdownMs: number | undefined
  port: number | undefined
  logLevel: LogLevel | undefined
  /** Where gRPC listens on TCP as well; undefined for its socket alone. */
  grpcPort: number | undefined
  /** Whether commands use servers of their own process instead of a worker's, as with `--direct`. */
  isDirect: boolean
}

/** What holds where nothing is configured. */
export const DEFAULT_SERVICE_SETTINGS: Readonly<ServiceSettings> = {
  autoStart: true,
  autoShutdownMs: 10 * 60_000,
  port: undefined,
  logLevel: undefined,
  grpcPort: undefined,
  isDirect: false,
}

const MS_PER_MINUTE = 60_000

/** Completes a `service` section. A pool that is not enabled is none that a worker could keep. */
export function resolveServiceSettings(
  written: WrittenService,
  { isPoolEnabled = true }: { isPoolEnabled?: boolean | undefined },
): ServiceSettings {
  const { autoStart, autoShutdownMinutes, port, logLevel, grpcPort } = written
  const byDefault = DEFAULT_SERVICE_SETTINGS
  return {
    autoStart: autoStart ?? byDefault.autoStart,
    autoShutdownMs: autoShutdownMinutes === undefined ? byDefault.autoShutdownMs : afterMinutes(autoShutdownMinutes),
    port,
    logLevel,
    grpcPort,
    isDirect: !isPoolEnabled,
  }
}

// A worker that stopped at once would serve nobody, so no minutes are none to count.
function afterMinutes(minutes: number): number | undefined {
  return minutes === 0 ? undefined : minutes * MS_PER_MINUTE
}
