import { VERSION } from '../shared/version.ts'
import type { Command, CommandContext, OptionDeclaration, PositionalDeclaration } from './command.ts'
import { COMMANDS } from './command-table.ts'
import { breakLines, joinLines } from './output/break-lines.ts'
import { openScreen } from './output/screen.ts'
import { COMMON_OPTIONS } from './parse-arguments.ts'

const INDENT = '  '
const GAP = '  '
// What is longer is hard to read.
const MAX_WIDTH = 100
const MIN_SECOND_WIDTH = 30

/** The help of one command, as wide as the terminal that these variables are of. */
export function commandHelp(words: string, command: Command, variables: CommandContext['variables']): string {
  const width = helpWidth(variables)
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS })
  return [
    ...breakLines(`pilot ${words}: ${command.summary}`, width).map((line) => `${line}\n`),
    section('Usage', usageLines(words, command, width)),
    section(
      'Options',
      columns(
        options.map(([name, option]) => [spellingOf(name, option), option.summary]),
        width,
      ),
    ),
    ...(command.details ?? []).map((paragraph) => `\n${broken(paragraph, width)}\n`),
    section('Examples', examplesOf(command)),
  ].join('')
}

/** The help of all commands, or of those whose words begin with `prefix`. */
export async function overview(variables: CommandContext['variables'], prefix = ''): Promise<string> {
  const width = helpWidth(variables)
  const entries = COMMANDS.filter(({ words }) => words.startsWith(prefix))
  const loaded = await Promise.all(entries.map(async (entry) => ({ ...entry, command: await entry.load() })))
  const groups = [...new Set(entries.map(({ group }) => group))]
  const firstWidth = Math.max(...entries.map(({ words }) => `pilot ${words}`.length))
  const linesOf = (group: string) =>
    columns(
      loaded.filter((one) => one.group === group).map(({ words, command }) => [`pilot ${words}`, command.summary]),
      width,
      firstWidth,
    )
  const title = prefix === '' ? `pilot ${VERSION}: keeps MCP tools warm\n` : ''
  return [
    title,
    ...groups.map((group) => section(group, linesOf(group))),
    ...(prefix === '' ? [section('Environment', columns(ENVIRONMENT, width))] : []),
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

const ENVIRONMENT: [string, string][] = [
  ['PILOTLIGHT_CONFIG', 'the MCP servers (default ~/.config/pilotlight/mcp.json)'],
  ['WORKER_SERVICE_URL', 'a worker that somebody else runs'],
  ['TOOL_SELECTOR_URL', 'an external tool-selector API (default: the embedded selector)'],
  ['NO_COLOR', 'no colours; the README lists the rest'],
]

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${title}\n${lines.map((line) => `${INDENT}${line}\n`).join('')}`
}

function helpWidth(variables: CommandContext['variables']): number {
  return Math.min(openScreen(variables).width, MAX_WIDTH)
}

/** Two columns, the second broken into lines; where there is hardly room for it, below the first. */
function columns(rows: readonly (readonly [string, string])[], width: number, firstWidth = widestOf(rows)): string[] {
  const room = width - INDENT.length - firstWidth - GAP.length
  if (room < MIN_SECOND_WIDTH) {
    const below = INDENT + INDENT
    return rows.flatMap(([first, second]) => [
      first,
      ...breakLines(second, width - INDENT.length - below.length).map((line) => below + line),
    ])
  }
  return rows.flatMap(([first, second]) =>
    breakLines(second, room).map((line, index) => `${(index === 0 ? first : '').padEnd(firstWidth)}${GAP}${line}`),
  )
}

function widestOf(rows: readonly (readonly [string, string])[]): number {
  return Math.max(0, ...rows.map(([first]) => first.length))
}

// The words of an option stay together.
function usageLines(words: string, command: Command, width: number): string[] {
  const parts = usageOf(command).match(/\[[^\]]*\]|\S+/g) ?? []
  const [first = '', ...more] = joinLines([`pilot ${words}`, ...parts], ' ', width - INDENT.length - GAP.length)
  return [first, ...more.map((line) => INDENT + INDENT + line)]
}

// Lines that are indented are examples, and stay as they are.
function broken(paragraph: string, width: number): string {
  const lines = paragraph.split('\n')
  return lines.flatMap((line) => (line.startsWith(' ') ? [line] : breakLines(line, width))).join('\n')
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
    case 'choice':
      return ` <${option.value}>`
    case 'list':
      return ` <${option.value},…>`
  }
}
