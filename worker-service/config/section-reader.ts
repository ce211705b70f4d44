import { isJsonObject } from '../../shared/json-object.ts'
import { nearestName } from '../../shared/nearest-name.ts'

// By hand, without zod: a one-shot reads the configuration too, and loading and first using zod takes as long as all the rest of it.

/** The way to a place in a document: the keys, as they are spelled there, and positions in lists. */
export type Path = ReadonlyArray<string | number>

/** What is wrong or odd at a place of what was read; with an empty path of all of it. Reads on from the key: "must be true or false". */
export interface Finding {
  path: Path
  what: string
}

/** A sentence about a place of a configuration, which names the place, and the way to it. */
export interface Remark {
  path: Path
  text: string
}

/** A value, what is odd about it, and everything that is wrong with it; of a section with mistakes what of it can be used. */
export interface Read<T> {
  value?: T
  mistakes?: Finding[]
  warnings?: Finding[]
}

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Reads one member of a section. */
export interface MemberReader<T> {
  read(value: unknown): Read<T>
  /** The same in the words that editors understand; undefined where they are not to offer it. */
  schema: JsonSchema | undefined
}

/** What a section can hold: each member by its camelCase name. */
export type Readers = Record<string, MemberReader<unknown>>

/** What a section read by these readers holds: each member that is set, in its type. */
export type Section<R extends Readers> = { [Name in keyof R]?: R[Name] extends MemberReader<infer T> ? T : never }

/** A text that is not empty. */
export const text = reader('a text that is not empty', isText, { type: 'string', minLength: 1 })

/** True or false. */
export const flag = reader('true or false', isBoolean, { type: 'boolean' })

/** A list of texts, empty ones allowed. */
export const texts: MemberReader<string[]> = {
  read(value) {
    if (isTexts(value)) return { value }
    if (!Array.isArray(value)) return { mistakes: [mustBe('a list of texts')] }
    const wrong = [...value.keys()].filter((at) => typeof value[at] !== 'string')
    return { mistakes: wrong.map((at) => mustBe('a text; put it in quotes', [at])) }
  },
  schema: { type: 'array', items: { type: 'string' } },
}

/** Anything, passed over with a warning: it is known to be of other programs. */
export const ignored: MemberReader<undefined> = {
  read: () => ({ value: undefined, warnings: [{ path: [], what: 'is a key of other programs and is passed over' }] }),
  schema: undefined,
}

/** An object of texts. Numbers and booleans are written in such places often enough, and count as their text. */
export const textByName: MemberReader<Record<string, string>> = {
  read(value) {
    if (!isJsonObject(value)) return { mistakes: [mustBe('an object of texts')] }
    const entries = Object.entries(value)
    const wrong = entries.filter(([, item]) => !['string', 'number', 'boolean'].includes(typeof item))
    if (wrong.length > 0) return { mistakes: wrong.map(([name]) => mustBe('a text', [name])) }
    return { value: Object.fromEntries(entries.map(([name, item]) => [name, String(item)])) }
  },
  schema: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
}

/** Words, in one text with spaces between them or in a list. */
export const words: MemberReader<string> = {
  read: (value) =>
    isText(value) || isTexts(value)
      ? { value: [value].flat().join(' ') }
      : { mistakes: [mustBe('words in a text or a list')] },
  schema: { type: ['string', 'array'], items: { type: 'string' } },
}

/** A number within bounds. */
export function numberFrom(min: number, max?: number): MemberReader<number> {
  const what = max === undefined ? `a number from ${min}` : `a number from ${min} to ${max}`
  return reader(what, isWithin(min, max), { type: 'number', minimum: min, ...(max !== undefined && { maximum: max }) })
}

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number): MemberReader<number> {
  const isWithinBounds = isWithin(min, max)
  const isWhole = (value: unknown): value is number => isWithinBounds(value) && Number.isInteger(value)
  return reader(`a whole number from ${min} to ${max}`, isWhole, { type: 'integer', minimum: min, maximum: max })
}

/** One of some texts. */
export function oneOf<T extends string>(...allowed: T[]): MemberReader<T> {
  const isAllowed = (value: unknown): value is T => allowed.some((one) => one === value)
  return reader(`one of ${allowed.join(', ')}`, isAllowed, { enum: allowed })
}

/** A section within a section. */
export function nested<R extends Readers>(readers: R): MemberReader<Section<R>> {
  return { read: (value) => readSection(readers, value), schema: schemaOf(readers) }
}

/**
 * Reads a section, its keys in camelCase or snake_case. A key without a reader is passed over with a warning, since other programs
 * keep theirs in such files.
 */
export function readSection<R extends Readers>(readers: R, value: unknown): Required<Read<Section<R>>> {
  const section: Record<string, unknown> = {}
  const mistakes: Finding[] = []
  const warnings: Finding[] = []
  if (!isJsonObject(value)) return { value: section as Section<R>, mistakes: [mustBe('an object')], warnings }
  for (const { name, key } of memberNames(value)) {
    const member = Object.hasOwn(readers, name) ? readers[name]?.read(value[key]) : undefined
    if (member === undefined) warnings.push({ path: [key], what: unknownKey(name, readers) })
    if (member?.value !== undefined) section[name] = member.value
    mistakes.push(...below(key, member?.mistakes))
    warnings.push(...below(key, member?.warnings))
  }
  return { value: section as Section<R>, mistakes, warnings }
}

/** What editors are told of a section. Keys that are not listed are allowed. */
export function schemaOf(readers: Readers): { type: 'object'; properties: Record<string, JsonSchema> } {
  return { type: 'object', properties: Object.fromEntries(offered(readers)) }
}

function offered(readers: Readers) {
  return Object.entries(readers).flatMap(([name, { schema }]) =>
    schema === undefined ? [] : [[name, schema] as const],
  )
}

function reader<T>(what: string, is: (value: unknown) => value is T, schema: JsonSchema): MemberReader<T> {
  return { read: (value) => (is(value) ? { value } : { mistakes: [mustBe(what)] }), schema }
}

/** The mistake that a value, or what is at a place in it, is not what it must be. */
export function mustBe(what: string, path: Path = []): Finding {
  return { path, what: `must be ${what}` }
}

function below(key: string, findings: readonly Finding[] = []): Finding[] {
  return findings.map(({ path, what }) => ({ path: [key, ...path], what }))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

function isWithin(min: number, max = Number.MAX_VALUE) {
  return (value: unknown): value is number => typeof value === 'number' && value >= min && value <= max
}

function unknownKey(name: string, readers: Readers): string {
  const known = offered(readers).map(([one]) => one)
  const nearest = nearestName(name, known)
  return `is not known and is passed over${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`
}

// Programs that write such files put null where nothing is set. Of a key in both spellings the camelCase one has the last word.
function memberNames(section: Record<string, unknown>): Array<{ name: string; key: string }> {
  const keys = Object.keys(section).filter((key) => (section[key] ?? null) !== null)
  const names = keys.map((key) => ({ name: toCamelCase(key), key }))
  return names.filter(({ name, key }) => name === key || !keys.includes(name))
}

/** How a member is spelled in a section; undefined where it is not set. */
export function spellingOf(name: string, section: Record<string, unknown>): string | undefined {
  return memberNames(section).find((member) => member.name === name)?.key
}

function toCamelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
