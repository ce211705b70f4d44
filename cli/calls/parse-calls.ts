import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { parseJson } from '../../shared/parse-json.ts'

/** One call as it was typed: its flags by name, each with its values in the order typed; none where it stands alone. */
export interface TypedCall {
  readonly server: string
  readonly tool: string
  readonly flags: Readonly<Record<string, readonly string[]>>
  /** What `--args` says: JSON text of an object. */
  readonly args: string
}

/** What is typed behind `pilot call`. */
export interface TypedCalls {
  readonly calls: readonly TypedCall[]
  /** Whether the calls come as lines on stdin instead. */
  readonly isBatch: boolean
  readonly json: boolean
  readonly direct: boolean
  readonly help: boolean
}

const HELP = new Set(['--help', '-h'])

/** Reads what is typed behind `pilot call`: calls, one behind each `--then`. Throws `invalid_request`. */
export function parseCalls(typed: readonly string[]): TypedCalls {
  const own = { '--json': false, '--direct': false }
  const words = typed.filter((word) => {
    if (!Object.hasOwn(own, word)) return true
    own[word as keyof typeof own] = true
    return false
  })
  const help = words.some((word) => HELP.has(word))
  const parts = split(words.filter((word) => !HELP.has(word)))
  const isBatch = parts.length === 1 && (parts[0] ?? []).every((word) => word === '-')
  const calls = isBatch ? [] : parts.map((part) => parseCall(part))
  return { calls, isBatch, json: own['--json'], direct: own['--direct'], help }
}

function split(words: readonly string[]): string[][] {
  const parts: string[][] = [[]]
  for (const word of words) {
    if (word === '--then') parts.push([])
    else parts.at(-1)?.push(word)
  }
  return parts
}

function parseCall(words: readonly string[]): TypedCall {
  const firstFlag = words.findIndex((word) => word.startsWith('-'))
  const names = firstFlag < 0 ? words : words.slice(0, firstFlag)
  const [server, tool] = names.length === 1 ? splitId(names[0] ?? '') : names
  if (server === undefined || tool === undefined) throw new ServiceError('invalid_request', whatIsMissing(server))
  if (names.length > 2) {
    const surplus = `${JSON.stringify(names[2])} is one word too many: arguments have names, as in --path ${names[2]}.`
    throw new ServiceError('invalid_request', surplus)
  }
  const { flags, args } = parseFlags(firstFlag < 0 ? [] : words.slice(firstFlag))
  return { server, tool, flags, args }
}

// As find_tools names them.
function splitId(id: string): (string | undefined)[] {
  const slash = id.indexOf('/')
  return slash < 0 ? [id] : [id.slice(0, slash), id.slice(slash + 1)]
}

function whatIsMissing(server: string | undefined): string {
  if (server === undefined) return '<server> and <tool> are missing. See "pilot call --help".'
  return `<tool> is missing. "pilot tools ${server}" lists what there is.`
}

function parseFlags(words: readonly string[]): Pick<TypedCall, 'flags' | 'args'> {
  const flags = new Map<string, string[]>()
  const rest = [...words]
  let args = '{}'
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('--'))
      throw new ServiceError('invalid_request', `${JSON.stringify(word)} belongs to no argument.`)
    const equals = word.indexOf('=')
    const name = word.slice(2, equals < 0 ? undefined : equals)
    // A word with two dashes is the next argument; as a value it stands behind an equals sign.
    const next = rest[0]?.startsWith('--') ? undefined : rest[0]
    const value = equals < 0 ? next : word.slice(equals + 1)
    if (equals < 0 && next !== undefined) rest.shift()
    if (name === 'args') args = checkArgs(value)
    else flags.set(name, [...(flags.get(name) ?? []), ...(value === undefined ? [] : [value])])
  }
  return { flags: Object.fromEntries(flags), args }
}

// As a text it keeps what JavaScript would lose, such as the last digits of long numbers.
function checkArgs(text: string | undefined): string {
  const remedy = `It takes a JSON object, as in --args '{"path": "."}'.`
  if (text === undefined) throw new ServiceError('invalid_request', `--args needs a value. ${remedy}`)
  if (!isJsonObject(parseJson(text)))
    throw new ServiceError('invalid_request', `--args is not a JSON object. ${remedy}`)
  return text
}
