import { findEntry, wordsOf } from './command-table.ts'
import { type End, runCommand } from './run-command.ts'

/** Runs the `pilot` command that is typed. Sets the exit code; loads only what the command needs. */
export async function main(args: readonly string[], end?: End): Promise<void> {
  const { config, rest: typed } = takeConfig(args)
  // In the environment, where the programs that commands run and those that they start find it too.
  if (config !== undefined) process.env.PILOTLIGHT_CONFIG = config
  const entry = findEntry(typed)
  const variables = process.env
  if (entry !== undefined) return runCommand(entry, { typed: typed.slice(wordsOf(entry).length), variables, end })
  const { answerWithoutCommand } = await import('./answer-without-command.ts')
  return answerWithoutCommand(typed, { main, variables })
}

/** Takes the option that stands for PILOTLIGHT_CONFIG out of what is typed, wherever it stands. */
function takeConfig(typed: readonly string[]): { config: string | undefined; rest: readonly string[] } {
  const end = typed.indexOf('--')
  const at = typed.findIndex((word, index) => isConfigOption(word) && (end < 0 || index < end))
  const [word = '', next] = at < 0 ? [] : typed.slice(at)
  const equals = word.indexOf('=')
  const config = equals < 0 ? next : word.slice(equals + 1)
  // Without a value it stays, and is refused by whoever reads the rest.
  if (at < 0 || config === undefined) return { config: undefined, rest: typed }
  return { config, rest: typed.toSpliced(at, equals < 0 ? 2 : 1) }
}

function isConfigOption(word: string): boolean {
  return word === '--config' || word.startsWith('--config=')
}
