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

const BATCH_BYTES = 4_096
const BATCH_MS = 100

// Asynchronous: a reader that does not read must slow down no request. What is written in a short time goes out together; while there is
// nothing to write nothing wakes.
function standardError(): DestinationStream {
  const stream = pino.destination({ dest: 2, sync: false, minLength: BATCH_BYTES })
  let timer: NodeJS.Timeout | undefined
  let isNew = false
  const flushLater = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      stream.flush()
      // What came while something was being written is left for another time.
      if (isNew) flushLater()
      isNew = false
    }, BATCH_MS).unref()
  }
  return {
    write(line) {
      isNew = true
      stream.write(line)
      flushLater()
    },
  }
}
