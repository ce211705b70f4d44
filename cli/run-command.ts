import { EXIT_BY_CODE } from '../shared/errors/exit-code.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { OutputLost, writeStandardError, writeStandardOutput } from '../shared/standard-streams.ts'
import type { Command, CommandContext, CommandInput } from './command.ts'
import { CommandProcess } from './command-process.ts'
import type { CommandEntry } from './command-table.ts'
import { parseArguments } from './parse-arguments.ts'

/** A command as it is called: what is typed behind its words, and the environment around it. */
export interface Call {
  readonly typed: readonly string[]
  readonly variables: CommandContext['variables']
  readonly end?: End | undefined
}

/** Ends the process of a command that is done; whether all that it says is written, or still waits for a slow reader. */
export type End = (hasWrittenAll: boolean) => Promise<void>

/** Loads a command and runs it to its end. Sets the exit code; says on stderr, in one line, what went wrong. Throws `OutputLost` alone. */
export async function runCommand(entry: CommandEntry, { typed, variables, end }: Call): Promise<void> {
  const command = await entry.load()
  const input = readInput(typed, { command, words: entry.words })
  if (input === undefined) return
  if (input.options.help === true) {
    const { commandHelp } = await import('./help.ts')
    writeStandardOutput(commandHelp(entry.words, command, variables))
    return
  }
  const running = new CommandProcess(variables)
  try {
    await command.run(input, running)
  } catch (thrown) {
    if (OutputLost.is(thrown)) throw thrown
    report(ServiceError.from(thrown), { words: entry.words, running })
  }
  await end?.(running.hasWrittenAll)
}

function readInput(
  typed: readonly string[],
  { command, words }: { command: Command; words: string },
): CommandInput | undefined {
  try {
    return parseArguments(typed, command)
  } catch (thrown) {
    const { message, code } = ServiceError.from(thrown)
    writeStandardError(`pilot ${words}: ${message} See "pilot ${words} --help".\n`)
    process.exitCode = EXIT_BY_CODE[code]
    return undefined
  }
}

function report(error: ServiceError, { words, running }: { words: string; running: CommandProcess }): void {
  running.exitWith(EXIT_BY_CODE[error.code])
  // Who has interrupted it knows.
  if (running.isInterrupted) return
  const { code, message, cause } = error
  running.tell(`pilot ${words}: ${code === 'internal' ? `${message} (${String(cause)})` : message}\n`)
}
