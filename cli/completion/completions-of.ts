import type { Command, CommandContext, Complete, OptionDeclaration } from '../command.ts'
import { COMMANDS, type CommandEntry } from '../command-table.ts'
import { COMMON_OPTIONS } from '../parse-arguments.ts'

// What a shell would take for more than a name.
const SAFE = /^[\w,./@:=-]+$/

/** Prints what may stand in the place of the last word, a line each; what the scripts of `pilot completion` ask for. */
export async function printCompletions(words: readonly string[], context: CommandContext): Promise<void> {
  const found = await completionsOf(words, context)
  context.print(found.map((one) => `${one}\n`).join(''))
}

/** What may stand in the place of the last of the words typed behind `pilot`: words of commands, options, their values, names. */
async function completionsOf(words: readonly string[], context: CommandContext): Promise<string[]> {
  const typed = words.slice(0, -1)
  const last = words.at(-1) ?? ''
  const entry = findEntry(typed)
  const nextWords = wordsBehind(typed)
  const more = entry === undefined ? [] : await ofCommand(entry, { typed, last }, context)
  const found = [...nextWords, ...more].filter((one) => one.startsWith(last) && SAFE.test(one))
  return [...new Set(found)].toSorted()
}

interface Typed {
  readonly typed: readonly string[]
  readonly last: string
}

function findEntry(typed: readonly string[]): CommandEntry | undefined {
  const begins = ({ words }: CommandEntry) => words.split(' ').every((word, index) => typed[index] === word)
  return COMMANDS.filter(begins).toSorted((one, other) => other.words.length - one.words.length)[0]
}

/** The words that commands have behind these. */
function wordsBehind(typed: readonly string[]): string[] {
  return COMMANDS.flatMap(({ words }) => {
    const all = words.split(' ')
    const next = all[typed.length]
    return next !== undefined && typed.every((word, index) => all[index] === word) ? [next] : []
  })
}

async function ofCommand(entry: CommandEntry, { typed, last }: Typed, context: CommandContext): Promise<string[]> {
  const command = await entry.load()
  const behind = { typed: typed.slice(entry.words.split(' ').length), last }
  const options: Readonly<Record<string, OptionDeclaration>> = { ...command.options, ...COMMON_OPTIONS }
  const { typed: rest } = behind
  const before = rest.at(-1)?.startsWith('--') === true ? options[rest.at(-1)?.slice(2) ?? ''] : undefined
  if (before !== undefined && before.type !== 'flag') return valuesOf(before, behind, context)
  const own = last.startsWith('-') ? Object.keys(options).map((name) => `--${name}`) : []
  const more = await ask(command.completeMore, behind, context)
  if (own.length > 0 || more.length > 0) return [...more, ...own]
  return ofPositional(command, behind, context)
}

async function valuesOf(option: OptionDeclaration, behind: Typed, context: CommandContext): Promise<string[]> {
  if (option.type === 'choice') return [...option.choices]
  if (option.type === 'flag') return []
  if (option.type === 'text') return ask(option.complete, behind, context)
  const begun = behind.last.slice(0, behind.last.lastIndexOf(',') + 1)
  const named = begun.split(',')
  const offered = await ask(option.complete, behind, context)
  return offered.filter((value) => !named.includes(value)).map((value) => begun + value)
}

async function ofPositional(command: Command, { typed, last }: Typed, context: CommandContext): Promise<string[]> {
  const words = typed.slice(typed.lastIndexOf('--then') + 1).filter((word) => !word.startsWith('-'))
  const { positionals = [] } = command
  const final = positionals.at(-1)
  const declared = positionals[words.length] ?? (final?.many === true ? final : undefined)
  return ask(declared?.complete, { typed: words, last }, context)
}

// Somebody who is typing is not to be told why nothing can be offered.
async function ask(complete: Complete | undefined, { typed, last }: Typed, context: CommandContext): Promise<string[]> {
  try {
    return [...((await complete?.(context, typed, last)) ?? [])]
  } catch {
    return []
  }
}
