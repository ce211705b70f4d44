import { isJsonObject } from '../../shared/json-object.ts'
import { nearestName } from '../../shared/nearest-name.ts'
import { parseJson } from '../../shared/parse-json.ts'
import { choicesOf, describeType, propertiesOf, resolveSchema, type Schema, typesOf } from '../../shared/tool-schema.ts'

/** Arguments as people type them: by name, each with its texts in the order typed; none where it stands alone, as a flag does. */
export type Flags = Readonly<Record<string, readonly string[]>>

/** The arguments of a call, or all that is wrong with them, as sentences that name them. */
export type TypedArguments =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problems: readonly string[] }

/** A text as a value of a type, undefined where it is none. */
type Read = (text: string, schema: Schema, root: Schema) => unknown

const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

const READERS: Readonly<Record<string, Read>> = {
  integer: (text) => (/^-?\d+$/.test(text) ? Number(text) : undefined),
  number: (text) => (NUMBER.test(text) ? Number(text) : undefined),
  boolean: (text) => ({ true: true, false: false })[text.toLowerCase()],
  null: (text) => (text === 'null' ? null : undefined),
  object: (text) => ifType(parseJson(text), isJsonObject),
  array: (text, schema, root) =>
    text.startsWith('[') ? ifType(parseJson(text), Array.isArray) : readList(text.split(','), schema, root),
  string: (text) => text,
}
// What can be told apart first; everything is a text.
const ORDER = Object.keys(READERS)

/** Gives flags the types of a tool's input schema; other arguments count as they are, and flags win over them. */
export function argumentsFromSchema(
  { flags, args }: { flags: Flags; args: Readonly<Record<string, unknown>> },
  root: Schema,
): TypedArguments {
  const value: Record<string, unknown> = { ...args }
  const problems: string[] = []
  const wrong = new Set<string>()
  for (const [flag, texts] of Object.entries(flags)) {
    const found = findProperty(flag, texts, root)
    if (found === undefined) {
      problems.push(unknownArgument(flag, root))
      continue
    }
    const read = readFlag(found.texts, found.schema, root)
    if (read !== undefined) {
      value[found.name] = read
      continue
    }
    wrong.add(found.name)
    problems.push(`--${flag} ${wrongValue(found.texts, found.schema, root)}`)
  }
  const missing = requiredOf(root).filter((name) => !Object.hasOwn(value, name) && !wrong.has(name))
  problems.push(...missing.map((name) => `--${name} is missing.`))
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems }
}

interface FoundProperty {
  readonly name: string
  readonly schema: Schema
  readonly texts: readonly string[]
}

/** The property that a flag means: of its own name, of one that differs in case and separators, or, behind `no-`, the opposite of one. */
function findProperty(flag: string, texts: readonly string[], root: Schema): FoundProperty | undefined {
  const properties = propertiesOf(root)
  // An object of anything, as far as the schema says.
  if (Object.keys(properties).length === 0) return { name: flag, schema: {}, texts }
  const name = nameOf(flag, properties)
  if (name !== undefined) return { name, schema: resolveSchema(properties[name], root), texts }
  const positive =
    flag.startsWith('no-') && texts.length === 0 ? nameOf(flag.slice('no-'.length), properties) : undefined
  if (positive === undefined) return undefined
  return { name: positive, schema: resolveSchema(properties[positive], root), texts: ['false'] }
}

function nameOf(flag: string, properties: Readonly<Record<string, unknown>>): string | undefined {
  if (Object.hasOwn(properties, flag)) return flag
  const alike = Object.keys(properties).filter((name) => plain(name) === plain(flag))
  return alike.length === 1 ? alike[0] : undefined
}

function plain(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase()
}

function readFlag(texts: readonly string[], schema: Schema, root: Schema): unknown {
  const types = typesOf(schema, root)
  const [text] = texts
  if (text === undefined) return types.length === 0 || types.includes('boolean') ? true : undefined
  if (texts.length > 1) return types.length === 0 || types.includes('array') ? readList(texts, schema, root) : undefined
  return readText(text, schema, root)
}

/** A text as the schema would have it. Without a type it is JSON where it can be, else a text. */
function readText(text: string, schema: Schema, root: Schema): unknown {
  const choices = choicesOf(schema, root)
  if (choices !== undefined) return choices.find((choice) => text === textOf(choice))
  const types = typesOf(schema, root)
  if (types.length === 0) return parseJson(text) ?? text
  // Where a text will do, only what looks like a list is one.
  const isText = types.includes('string') && !text.startsWith('[')
  return ORDER.filter((type) => types.includes(type) && !(isText && type === 'array'))
    .map((type) => READERS[type]?.(text, schema, root))
    .find((value) => value !== undefined)
}

function readList(texts: readonly string[], schema: Schema, root: Schema): unknown[] | undefined {
  const items = resolveSchema(schema.items, root)
  const values = texts.map((text) => readText(text.trim(), items, root))
  return values.includes(undefined) ? undefined : values
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function unknownArgument(flag: string, root: Schema): string {
  const names = Object.keys(propertiesOf(root))
  const nearest = nearestName(flag, names)
  return `There is no argument --${flag}.${nearest === undefined ? '' : ` Did you mean --${nearest}?`}`
}

function wrongValue(texts: readonly string[], schema: Schema, root: Schema): string {
  const wanted = describeType(schema, root)
  return texts.length === 0
    ? `needs a value: ${wanted}.`
    : `must be ${wanted}, not ${texts.map(textInQuotes).join(', ')}.`
}

function textInQuotes(text: string): string {
  return JSON.stringify(text)
}

function requiredOf({ required }: Schema): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []
}

function ifType(value: unknown, is: (value: unknown) => boolean): unknown {
  return is(value) ? value : undefined
}
