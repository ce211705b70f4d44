import { nearestName } from '../shared/nearest-name.ts'
import { writeStandardError, writeStandardOutput } from '../shared/standard-streams.ts'
import { VERSION } from '../shared/version.ts'
import type { CommandContext } from './command.ts'
import { CommandProcess } from './command-process.ts'
import { COMMANDS, isGroup } from './command-table.ts'

const WRONG_USAGE = 2
// No command has more.
const MAX_WORDS = 2
const HELP = ['--help', '-h', 'help']

/** What is around an answer: `pilot` itself, for what is another way to say a command, and the environment. */
export interface Around {
  readonly main: (args: readonly string[]) => Promise<void>
  readonly variables: CommandContext['variables']
}

/** Answers what is typed where it is no command: a question about the commands, or a mistake. */
export async function answerWithoutCommand(typed: readonly string[], { main, variables }: Around): Promise<void> {
  const [first = '--help', second = '--help'] = typed
  if (typed.length <= 1 && ['--version', '-v'].includes(first)) return print(`${VERSION}\n`)
  // Not a command but a question about them: pilot complete -- <word>…
  if (first === 'complete' && second === '--') {
    const { printCompletions } = await import('./completion/completions-of.ts')
    return printCompletions(typed.slice(2), new CommandProcess(variables))
  }
  const { overview } = await import('./help.ts')
  if (typed.length <= 1 && HELP.includes(first)) return print(await overview(variables))
  if (isGroup(first) && HELP.includes(second)) return print(await overview(variables, `${first} `))
  if (first === 'help') return main([...typed.slice(1), '--help'])
  refuse(typed)
}

function refuse(typed: readonly string[]): void {
  const words = typed.filter((word) => !word.startsWith('-')).slice(0, MAX_WORDS)
  const known = COMMANDS.map((one) => one.words)
  const nearest = nearestName(words.join(' '), known) ?? nearestName(words[0] ?? '', known.filter(isOneWord))
  const hint = nearest === undefined ? '' : ` Did you mean "pilot ${nearest}"?`
  const what = words.length === 0 ? `option ${JSON.stringify(typed[0])}` : `command ${JSON.stringify(words.join(' '))}`
  const group = isGroup(words[0] ?? '') ? ` ${words[0]}` : ''
  writeStandardError(`pilot: There is no ${what}.${hint} See "pilot${group} --help".\n`)
  process.exitCode = WRONG_USAGE
}

function isOneWord(words: string): boolean {
  return !words.includes(' ')
}

function print(text: string): void {
  writeStandardOutput(text)
}
