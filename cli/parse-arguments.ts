import { ServiceError } from '../shared/errors/service-error.ts'
import { nearestName } from '../shared/nearest-name.ts'
import type { Command, CommandInput, OptionDeclaration, OptionDeclarations, PositionalDeclaration } from './command.ts'

// By hand: loading Node's own `parseArgs` takes a tenth as long as starting Node, parsers from the registry a third.

/** What every command takes. */
export const COMMON_OPTIONS = {
  config: { type: 'text', value: 'path', summary: 'the configuration file (PILOTLIGHT_CONFIG)' },
  help: { type: 'flag', short: 'h', summary: 'show this' },
} as const satisfies OptionDeclarations

type Value = boolean | string | string[]

/** Reads what is typed behind a command's words. Throws `invalid_request`, which names what is wrong. */
export function parseArguments(typed: readonly string[], command: Command): CommandInput {
  if (command.usage !== undefined) return { positionals: [], options: { help: isHelp(typed) }, typed }
  const declared = { ...command.options, ...COMMON_OPTIONS }
  const options = emptyOptions(declared)
  const positionals: string[] = []
  const rest = [...typed]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') positionals.push(...rest.splice(0))
    else if (word.startsWith('-') && word !== '-') readOption(word, rest, { declared, options })
    else positionals.push(word)
  }
  if (options.help !== true) checkPositionals(positionals, command.positionals ?? [])
  return { positionals, options, typed }
}

function isHelp(typed: readonly string[]): boolean {
  return typed.length === 1 && (typed[0] === '--help' || typed[0] === '-h')
}

function emptyOptions(declared: OptionDeclarations): Record<string, Value | undefined> {
  const empty = { flag: () => false, list: () => [], text: () => undefined, choice: () => undefined }
  return Object.fromEntries(Object.entries(declared).map(([name, { type }]) => [name, empty[type]()]))
}

interface Options {
  readonly declared: OptionDeclarations
  readonly options: Record<string, Value | undefined>
}

function readOption(word: string, rest: string[], { declared, options }: Options): void {
  const { name, inline } = splitOption(word, declared)
  const declaration = Object.hasOwn(declared, name) ? declared[name] : undefined
  if (declaration === undefined) throw unknownOption(word, Object.keys(declared))
  if (declaration.type === 'flag') {
    if (inline !== undefined) throw wrongUsage(`--${name} takes no value.`)
    options[name] = true
    return
  }
  const value = inline ?? (rest[0]?.startsWith('--') ? undefined : rest.shift())
  if (value === undefined) throw wrongUsage(`--${name} needs a value.`)
  options[name] = toValue(name, declaration, { value, before: options[name] })
}

function splitOption(word: string, declared: OptionDeclarations): { name: string; inline: string | undefined } {
  if (!word.startsWith('--')) {
    const [name = word] = Object.entries(declared).find(([, { short }]) => `-${short}` === word) ?? []
    return { name, inline: undefined }
  }
  const equals = word.indexOf('=')
  if (equals < 0) return { name: word.slice(2), inline: undefined }
  return { name: word.slice(2, equals), inline: word.slice(equals + 1) }
}

function toValue(
  name: string,
  declaration: OptionDeclaration,
  { value, before }: { value: string; before: Value | undefined },
): Value {
  if (declaration.type === 'list') {
    const items = value.split(',').map((item) => item.trim())
    return [...(Array.isArray(before) ? before : []), ...items.filter((item) => item !== '')]
  }
  if (declaration.type === 'choice' && !declaration.choices.includes(value)) {
    throw wrongUsage(`--${name} must be one of ${declaration.choices.join(', ')}, not ${JSON.stringify(value)}.`)
  }
  return value
}

function checkPositionals(given: readonly string[], declared: readonly PositionalDeclaration[]): void {
  const missing = declared.filter(({ required }) => required)[given.length]
  if (missing !== undefined) throw wrongUsage(`<${missing.name}> is missing.`)
  const surplus = given[declared.length]
  if (surplus !== undefined && declared.at(-1)?.many !== true) {
    throw wrongUsage(`${JSON.stringify(surplus)} is one word too many.`)
  }
}

function unknownOption(word: string, known: readonly string[]): ServiceError {
  const [name = word] = word.split('=')
  const nearest = nearestName(name.replace(/^-+/, ''), known)
  const hint = nearest === undefined ? '' : ` Did you mean --${nearest}?`
  return wrongUsage(`There is no option ${JSON.stringify(name)}.${hint}`)
}

function wrongUsage(message: string): ServiceError {
  return new ServiceError('invalid_request', message)
}
