/** MCP's log levels (RFC 5424), the most verbose first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What counts for a client that set no level, once another has: the server's own choice is gone then, and nobody's debug output is everybody's. */
export const UNSET_LOG_LEVEL: LogLevel = 'info'

/** Whether a value is one of {@link LOG_LEVELS}. */
export function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.some((level) => level === value)
}

/** The most verbose of some levels; undefined for none. */
export function mostVerbose(levels: readonly LogLevel[]): LogLevel | undefined {
  return LOG_LEVELS.find((level) => levels.includes(level))
}

/** Whether a message of a level is for someone who asked for `threshold` and up. A level that MCP does not know is for everyone. */
export function reaches(level: string | undefined, threshold: LogLevel): boolean {
  return !isLogLevel(level) || LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(threshold)
}
