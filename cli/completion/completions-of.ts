import type { Command, CommandContext, Complete, Offer, OptionDeclaration } from '../command.ts'
import { COMMANDS, type CommandEntry, findEntry, wordsOf } from '../command-table.ts'
import { escapeLine } from '../output/escape.ts'
import { COMMON_OPTIONS } from '../parse-arguments.ts'

// What a shell would take for more than a name.
const SAFE = /^[\w,./@:=-]+$/
const MAX_ABOUT = 200

/** Prints what may stand in the place of the last word, each with what it is about; what the scripts of `pilot completion` ask for. */
export async function printCompletions(words: readonly string[], context: CommandContext): Promise<void> {
  const found = await completionsOf(words, context)
  context.print(found.map(lineOf).join(''))
}

/** What may stand in the place of the last of the words typed behind `pilot`: words of commands, options, their values, names. */
async function completionsOf(words: readonly string[], context: CommandContext): Promise<Offer[]> {
  const typed = words.slice(0, -1)
  const last = words.at(-1) ?? ''
  const entry = findEntry(typed)
  const nextWords = await wordsBehind(typed)
  const more = entry === undefined ? [] : await ofCommand(entry, { typed, last }, context)
  const found = [...nextWords, ...more].filter(({ word }) => word.startsWith(last) && SAFE.test(word))
  const byWord = new Map(found.map((offer) => [offer.word, offer]))
  return [...byWord.values()].toSorted((one, other) => (one.word < other.word ? -1 : 1))
}

/** The line for a shell: a word and, behind a tab, what it is about, where that is known. */
function lineOf({ word, about = '' }: Offer): string {
  const shown = escapeLine(about).slice(0, MAX_ABOUT)
  return shown === '' ? `${word}\n` : `${word}\t${shown}\n`
}

interface Typed {
  readonly typed: readonly string[]
  readonly last: string
}

/** The words that commands have behind these; one that is no command itself is about those behind it. */
async function wordsBehind(typed: readonly string[]): Promise<Offer[]> {
  const begun = COMMANDS.map((entry) => ({ entry, words: wordsOf(entry) })).filter(
    ({ words }) => words.length > typed.length && typed.every((word, index) => words[index] === word),
  )
  const groups = Map.groupBy(begun, ({ words }) => words[typed.length] ?? '')
  return Promise.all(
    [...groups].map(async ([word, ofWord]) => {
      const whole = ofWord.find(({ words }) => words.length === typed.length + 1)
      const behind = ofWord.flatMap(({ words }) => words.slice(typed.length + 1)).join(', ')
      return { word, about: whole === undefined ? behind : (await whole.entry.load()).summary }
    }),
  )
}

async function ofCommand(entry: CommandEntry, { typed, last }: Typed, context: CommandContext): Promise<Offer[]> {
  const command = await entry.load()
  const behind = { typed: typed.slice(wordsOf(entry).length), last }
  const options: Readonly<Record<string, OptionDeclaration>> = { ...command.options, ...COMMON_OPTIONS }
  const { typed: rest } = behind
  const before = rest.at(-1)?.startsWith('--') === true ? options[rest.at(-1)?.slice(2) ?? ''] : undefined
  if (before !== undefined && before.type !== 'flag') return valuesOf(before, behind, context)
  const own = last.startsWith('-') ? optionOffers(options) : []
  const more = await ask(command.completeMore, behind, context)
  if (own.length > 0 || more.length > 0) return [...more, ...own]
  return ofPositional(command, behind, context)
}

function optionOffers(options: Readonly<Record<string, OptionDeclaration>>): Offer[] {
  return Object.entries(options).map(([name, { summary }]) => ({ word: `--${name}`, about: summary }))
}

async function valuesOf(option: OptionDeclaration, behind: Typed, context: CommandContext): Promise<Offer[]> {
  if (option.type === 'choice') return option.choices.map((word) => ({ word }))
  if (option.type === 'flag') return []
  if (option.type === 'text') return ask(option.complete, behind, context)
  const begun = behind.last.slice(0, behind.last.lastIndexOf(',') + 1)
  const named = begun.split(',')
  const offered = await ask(option.complete, behind, context)
  return offered.filter(({ word }) => !named.includes(word)).map((offer) => ({ ...offer, word: begun + offer.word }))
}

async function ofPositional(command: Command, { typed, last }: Typed, context: CommandContext): Promise<Offer[]> {
  const words = typed.slice(typed.lastIndexOf('--then') + 1).filter((word) => !word.startsWith('-'))
  const { positionals = [] } = command
  const final = positionals.at(-1)
  const declared = positionals[words.length] ?? (final?.many === true ? final : undefined)
  return ask(declared?.complete, { typed: words, last }, context)
}

// Somebody who is typing is not to be told why nothing can be offered.
async function ask(complete: Complete | undefined, { typed, last }: Typed, context: CommandContext): Promise<Offer[]> {
  try {
    return [...((await complete?.(context, typed, last)) ?? [])]
  } catch {
    return []
  }
}
