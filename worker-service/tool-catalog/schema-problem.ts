import { isJsonObject } from '../../shared/json-object.ts'
import { percentDecoded } from '../../shared/percent-decoded.ts'

/** What is looked at while a schema is read. */
interface Reading {
  readonly root: Record<string, unknown>
  /** Whether clients compile it, and not only read it. */
  readonly isCompiled: boolean
  /** Where we are: `properties.path.type`. */
  readonly at: string
}

type Check = (value: unknown, reading: Reading) => string | undefined

const TYPES: readonly unknown[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']

/**
 * What makes a tool's schema useless to clients and to the services their models run on, and where in it: of either, one that is broken
 * costs the whole list. `isCompiled` is for what clients make a program of, which takes more. Undefined where there is nothing.
 */
export function schemaProblem(
  schema: Record<string, unknown>,
  { isCompiled }: { isCompiled: boolean },
): string | undefined {
  if (schema['type'] !== 'object') return 'type is not "object"'
  const { properties = {} } = schema
  const reading = { root: schema, isCompiled, at: '' }
  // Of the outermost properties MCP wants objects; elsewhere JSON Schema knows true and false too.
  if (isJsonObject(properties)) {
    const odd = Object.keys(properties).find((name) => !isJsonObject(properties[name]))
    if (odd !== undefined) return `properties.${odd} is not an object`
  }
  return checkSchema(schema, reading)
}

const checkSchema: Check = (value, reading) => {
  if (typeof value === 'boolean') return undefined
  if (!isJsonObject(value)) return problem(reading, 'is no schema')
  for (const [keyword, content] of Object.entries(value)) {
    const found = CHECKS.get(keyword)?.(content, within(reading, keyword))
    if (found !== undefined) return found
  }
  return reading.isCompiled ? checkCompilable(value, reading) : undefined
}

const checkSchemas: Check = (value, reading) => {
  if (!Array.isArray(value) || value.length === 0) return problem(reading, 'is no list of schemas')
  return firstOf(value, reading)
}

const checkSchemaMap: Check = (value, reading) =>
  isJsonObject(value) ? firstOf(value, reading) : problem(reading, 'is not an object')

// Older drafts have a list of schemas here.
const checkItems: Check = (value, reading) =>
  Array.isArray(value) ? firstOf(value, reading) : checkSchema(value, reading)

const checkPatternMap: Check = (value, reading) => {
  const odd = isJsonObject(value) && reading.isCompiled ? Object.keys(value).find((key) => !isPattern(key)) : undefined
  return odd === undefined ? checkSchemaMap(value, reading) : problem(within(reading, odd), 'is no pattern')
}

const checkDependencies: Check = (value, reading) => {
  if (!isJsonObject(value)) return problem(reading, 'is not an object')
  return firstOf(value, reading, (content, at) => (Array.isArray(content) ? checkNames : checkSchema)(content, at))
}

const checkNames: Check = (value, reading) =>
  isListOf(value, (name) => typeof name === 'string') ? undefined : problem(reading, 'is no list of different names')

const checkType: Check = (value, reading) => {
  const isType = TYPES.includes(value) || (isListOf(value, (one) => TYPES.includes(one)) && value.length > 0)
  return isType ? undefined : problem(reading, 'is no type')
}

const checkEnum: Check = (value, reading) =>
  Array.isArray(value) && value.length > 0 ? undefined : problem(reading, 'is no list of values')

const checkText: Check = (value, reading) => (typeof value === 'string' ? undefined : problem(reading, 'is not text'))

const checkPattern: Check = (value, reading) => {
  const isFit = typeof value === 'string' && (!reading.isCompiled || isPattern(value))
  return isFit ? undefined : problem(reading, 'is no pattern')
}

const checkNumber: Check = (value, reading) =>
  typeof value === 'number' ? undefined : problem(reading, 'is not a number')

const checkFactor: Check = (value, reading) =>
  typeof value === 'number' && value > 0 ? undefined : problem(reading, 'is not a number above 0')

const checkCount: Check = (value, reading) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : problem(reading, 'is no count')

const checkFlag: Check = (value, reading) =>
  typeof value === 'boolean' ? undefined : problem(reading, 'is neither true nor false')

const checkReference: Check = (value, reading) => {
  if (typeof value !== 'string') return problem(reading, 'is not text')
  return isThere(value, reading) ? undefined : problem(reading, `refers to ${value}, which is not there`)
}

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ...entries(
    checkSchema,
    'additionalItems',
    'additionalProperties',
    'contains',
    'else',
    'if',
    'not',
    'propertyNames',
    'then',
    'unevaluatedItems',
    'unevaluatedProperties',
  ),
  ...entries(checkSchemas, 'allOf', 'anyOf', 'oneOf', 'prefixItems'),
  ...entries(checkSchemaMap, '$defs', 'definitions', 'dependentSchemas', 'properties'),
  ...entries(checkItems, 'items'),
  ...entries(checkPatternMap, 'patternProperties'),
  ...entries(checkDependencies, 'dependencies'),
  ...entries(checkNames, 'required'),
  ...entries(checkType, 'type'),
  ...entries(checkEnum, 'enum'),
  ...entries(checkText, 'description', 'title', 'format', '$comment', '$id', '$schema', '$anchor'),
  ...entries(checkPattern, 'pattern'),
  ...entries(checkNumber, 'exclusiveMaximum', 'exclusiveMinimum', 'maximum', 'minimum'),
  ...entries(checkFactor, 'multipleOf'),
  ...entries(
    checkCount,
    'maxContains',
    'maxItems',
    'maxLength',
    'maxProperties',
    'minContains',
    'minItems',
    'minLength',
    'minProperties',
  ),
  ...entries(checkFlag, 'uniqueItems'),
  ...entries(checkReference, '$ref'),
])

function entries(check: Check, ...keywords: string[]): [string, Check][] {
  return keywords.map((keyword) => [keyword, check])
}

/** What the compiler of the official client does not take, though it is no error in JSON Schema. */
function checkCompilable(schema: Record<string, unknown>, reading: Reading): string | undefined {
  const { type, nullable, id } = schema
  if (id !== undefined) return problem(within(reading, 'id'), 'is called "$id" today')
  if (nullable === undefined) return undefined
  const isFit = typeof nullable === 'boolean' && type !== undefined
  return isFit ? undefined : problem(within(reading, 'nullable'), 'is no flag beside a type')
}

function firstOf(parts: object, reading: Reading, check = checkSchema): string | undefined {
  for (const [name, value] of Object.entries(parts)) {
    const found = check(value, within(reading, name))
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether what is referred to is in the schema. What lies elsewhere is nobody's concern but a compiler's. */
function isThere(reference: string, { root, isCompiled }: Reading): boolean {
  if (!reference.startsWith('#/')) return reference === '#' || !isCompiled
  let target: unknown = root
  for (const step of reference.slice(2).split('/')) {
    if (typeof target !== 'object' || target === null) return false
    target = Object.getOwnPropertyDescriptor(target, nameOf(step))?.value
  }
  return isJsonObject(target) || typeof target === 'boolean'
}

// A step of a JSON pointer (RFC 6901) in a URI.
function nameOf(step: string): string {
  return percentDecoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
}

function isListOf(value: unknown, isFit: (item: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(isFit) && new Set(value).size === value.length
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function within(reading: Reading, name: string): Reading {
  return { ...reading, at: reading.at === '' ? name : `${reading.at}.${name}` }
}

function problem({ at }: Reading, what: string): string {
  return `${at} ${what}`
}
