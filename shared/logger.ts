import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './log-level.ts'

// Wherever a secret could stand if somebody logged the object it lives in.
const SECRETS = ['authorization', 'token', 'password', 'headers', 'env', 'apiKey', 'cookie']

/** A logger that writes JSON lines to a stream, stderr by default; never stdout, which may be a wire. */
export function createLogger(level: LogLevel, destination: DestinationStream = standardError()): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: '[redacted]' },
    },
    destination,
  )
}

// Asynchronous: a reader that does not read must slow down no request.
function standardError(): DestinationStream {
  return pino.destination({ dest: 2, sync: false, minLength: 4096, periodicFlush: 100 })
}
