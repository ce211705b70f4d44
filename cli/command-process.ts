import { type Environment, readEnvironment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { writeStandardError, writeStandardOutput } from '../shared/standard-streams.ts'
import type { CommandContext } from './command.ts'

const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const

/** This process, as a command sees it. */
export class CommandProcess implements CommandContext {
  readonly variables: CommandContext['variables']
  #environment: Environment | undefined
  #interruption: AbortController | undefined
  #hasWrittenAll = true

  constructor(variables: CommandContext['variables']) {
    this.variables = variables
  }

  readonly environment = (): Environment => (this.#environment ??= readEnvironment(this.variables))

  // Taking signals over costs a quick command a twentieth of its life; until somebody does they end the process.
  get signal(): AbortSignal {
    this.#interruption ??= takeSignals()
    return this.#interruption.signal
  }

  get isInterrupted(): boolean {
    return this.#interruption?.signal.aborted === true
  }

  get hasWrittenAll(): boolean {
    return this.#hasWrittenAll
  }

  print(text: string): void {
    this.#hasWrittenAll = writeStandardOutput(text) && this.#hasWrittenAll
  }

  tell(text: string): void {
    this.#hasWrittenAll = writeStandardError(text) && this.#hasWrittenAll
  }

  exitWith(code: number): void {
    // That of a signal stays.
    process.exitCode ??= code
  }
}

function takeSignals(): AbortController {
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      process.exitCode = EXIT_BY_SIGNAL[signal]
      // The first signal was an order to finish; whoever sends a second one does not want to wait.
      if (interruption.signal.aborted) process.exit()
      interruption.abort(new ServiceError('cancelled', 'It was interrupted.'))
    })
  }
  return interruption
}
