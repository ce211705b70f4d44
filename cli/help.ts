import { VERSION } from '../shared/version.ts'
import type { Command, OptionDeclaration, PositionalDeclaration } from './command.ts'
import { COMMANDS } from './command-table.ts'
import { COMMON_OPTIONS } from './parse-arguments.ts'

const INDENT = '  '

/** The help of one command. */
export function commandHelp(words: string, command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS })
  return [
    `pilot ${words}: ${command.summary}\n`,
    section('Usage', [`pilot ${[words, usageOf(command)].join(' ').trim()}`]),
    section('Options', columns(options.map(([name, option]) => [spellingOf(name, option), option.summary]))),
    ...(command.details ?? []).map((paragraph) => `\n${paragraph}\n`),
    section('Examples', examplesOf(command)),
  ].join('')
}

/** The help of all commands, or of those whose words begin with `prefix`. */
export async function overview(prefix = ''): Promise<string> {
  const entries = COMMANDS.filter(({ words }) => words.startsWith(prefix))
  const loaded = await Promise.all(entries.map(async (entry) => ({ ...entry, command: await entry.load() })))
  const groups = [...new Set(entries.map(({ group }) => group))]
  const lines = columns(loaded.map(({ words, command }) => [`pilot ${words}`, command.summary]))
  const linesOf = (group: string) => lines.filter((_, index) => loaded[index]?.group === group)
  const title = prefix === '' ? `pilot ${VERSION}: keeps MCP tools warm\n` : ''
  return [
    title,
    ...groups.map((group) => section(group, linesOf(group))),
    ...(prefix === '' ? [section('Environment', columns(ENVIRONMENT))] : []),
    `\n"pilot <command> --help" says more about a command, with examples.\n`,
  ]
    .join('')
    .trimStart()
}

/** How a command is typed behind its words. */
function usageOf({ usage, positionals = [], options = {} }: Command): string {
  if (usage !== undefined) return usage
  const places = positionals.map(placeOf)
  const named = Object.entries(options).map(([name, option]) => `[${spellingOf(name, option, 'long')}]`)
  return [...places, ...named].join(' ')
}

/** Whether there are commands that begin with this word and have more. */
export function isGroup(word: string): boolean {
  return COMMANDS.some(({ words }) => words.startsWith(`${word} `))
}

const ENVIRONMENT: [string, string][] = [
  ['PILOTLIGHT_CONFIG', 'the MCP servers (default ~/.config/pilotlight/mcp.json)'],
  ['WORKER_SERVICE_URL', 'a worker that somebody else runs'],
  ['TOOL_SELECTOR_URL', 'an external tool-selector API (default: the embedded selector)'],
  ['NO_COLOR', 'no colours; the README lists the rest'],
]

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${title}\n${lines.map((line) => `${INDENT}${line}\n`).join('')}`
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`)
}

function examplesOf({ examples }: Command): string[] {
  return examples.flatMap(({ line, does }) => [line, `${INDENT}${INDENT}${does}`])
}

function placeOf({ name, required, many }: PositionalDeclaration): string {
  const shown = many ? `${name}…` : name
  return required ? `<${shown}>` : `[${shown}]`
}

function spellingOf(name: string, option: OptionDeclaration, form: 'long' | 'both' = 'both'): string {
  const short = option.short === undefined || form === 'long' ? '' : `-${option.short}, `
  return `${short}--${name}${valueOf(option)}`
}

function valueOf(option: OptionDeclaration): string {
  switch (option.type) {
    case 'flag':
      return ''
    case 'text':
      return ` <${option.value}>`
    case 'list':
      return ` <${option.value},…>`
    case 'choice':
      return ` ${option.choices.join('|')}`
  }
}
