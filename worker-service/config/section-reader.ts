import { isJsonObject } from '../../shared/json-object.ts'
import { nearestName } from '../../shared/nearest-name.ts'

// By hand, without zod: a one-shot reads the configuration too, and loading and first using zod takes as long as all the rest of it.

/** Reads one member of a section: its value (and what is odd about it), or in words what it must be. */
export type MemberReader<T> = (value: unknown) => { value: T; warnings?: string[] } | { mustBe: string }

/** What was found wrong with a configuration, and what is odd and was passed over: sentences that begin with their place. */
export interface Findings {
  readonly mistakes: string[]
  readonly warnings: string[]
}

/** What a section can hold: each member by its camelCase name. */
export type Readers = Record<string, MemberReader<unknown>>

/** What a section read by these readers holds: each member that is set, in its type. */
export type Section<R extends Readers> = { [Name in keyof R]?: R[Name] extends MemberReader<infer T> ? T : never }

/** A text that is not empty. */
export const text: MemberReader<string> = (value) =>
  typeof value === 'string' && value !== '' ? { value } : { mustBe: 'a text that is not empty' }

/** True or false. */
export const flag: MemberReader<boolean> = (value) =>
  typeof value === 'boolean' ? { value } : { mustBe: 'true or false' }

/** A list of texts, empty ones allowed. */
export const texts: MemberReader<string[]> = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? { value } : { mustBe: 'a list of texts' }

/** An object of texts. Numbers and booleans are written in such places often enough, and count as their text. */
export const textByName: MemberReader<Record<string, string>> = (value) => {
  const entries = isJsonObject(value) ? Object.entries(value) : [['', undefined] as const]
  const isPlain = entries.every(([, item]) => ['string', 'number', 'boolean'].includes(typeof item))
  if (!isPlain) return { mustBe: 'an object of texts' }
  return { value: Object.fromEntries(entries.map(([name, item]) => [name, String(item)])) }
}

/** A number within bounds. */
export function numberFrom(min: number, max = Infinity): MemberReader<number> {
  const mustBe = max === Infinity ? `a number from ${min}` : `a number from ${min} to ${max}`
  return (value) => (typeof value === 'number' && value >= min && value <= max ? { value } : { mustBe })
}

/** Words, in one text with spaces between them or in a list. */
export const words: MemberReader<string> = (value) => {
  const joined = Array.isArray(value) ? texts(value) : text(value)
  if ('mustBe' in joined) return { mustBe: 'words in a text or a list' }
  return { value: [joined.value].flat().join(' ') }
}

/** A section within a section. */
export function nested<R extends Readers>(readers: R): MemberReader<Section<R>> {
  return (value) => {
    const { mistakes, warnings }: Findings = { mistakes: [], warnings: [] }
    const read = readSection(readers, { value, place: '' }, { mistakes, warnings })
    const withoutPlace = (findings: string[]) => findings.map((one) => one.slice(': '.length))
    if (read === undefined) return { mustBe: `right inside (${withoutPlace(mistakes).join('; ')})` }
    return { value: read, warnings: withoutPlace(warnings) }
  }
}

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number): MemberReader<number> {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? { value }
      : { mustBe: `a whole number from ${min} to ${max}` }
}

/** One of some texts. */
export function oneOf<T extends string>(...allowed: T[]): MemberReader<T> {
  return (value) => {
    const found = allowed.find((one) => one === value)
    return found === undefined ? { mustBe: `one of ${allowed.join(', ')}` } : { value: found }
  }
}

/**
 * Reads a section, its keys in camelCase or snake_case. What is wrong is added to the mistakes and gives undefined; a key without a
 * reader is passed over with a warning, since other programs keep theirs in such files.
 */
export function readSection<R extends Readers>(
  readers: R,
  { value, place }: { value: unknown; place: string },
  { mistakes, warnings }: Findings,
): Section<R> | undefined {
  if (!isJsonObject(value)) {
    mistakes.push(`${place}: it must be an object`)
    return undefined
  }
  const section: Record<string, unknown> = {}
  const before = mistakes.length
  for (const [name, member] of Object.entries(withCamelCaseKeys(value))) {
    const read = Object.hasOwn(readers, name) ? readers[name]?.(member) : undefined
    if (read === undefined) warnings.push(`${place}: ${unknownKey(name, Object.keys(readers))}`)
    else if ('mustBe' in read) mistakes.push(`${place}: "${name}" must be ${read.mustBe}`)
    else {
      section[name] = read.value
      warnings.push(...(read.warnings ?? []).map((warning) => `${place}: in "${name}" ${warning}`))
    }
  }
  return mistakes.length === before ? (section as Section<R>) : undefined
}

function unknownKey(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  const guess = nearest === undefined ? '' : `; did you mean "${nearest}"?`
  return `the key ${JSON.stringify(name)} is not known and is passed over${guess}`
}

// Programs that write such files put null where nothing is set.
function withCamelCaseKeys(section: Record<string, unknown>): Record<string, unknown> {
  const set = Object.entries(section).filter(([, value]) => value !== null)
  const spelled = set.map(([key, value]) => [toCamelCase(key), value] as const)
  const camelCase = set.filter(([key]) => toCamelCase(key) === key)
  // A key in both spellings: the camelCase one has the last word.
  return { ...Object.fromEntries(spelled), ...Object.fromEntries(camelCase) }
}

function toCamelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
