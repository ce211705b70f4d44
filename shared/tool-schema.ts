import { isJsonObject } from './json-object.ts'

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>

const MAX_REFERENCES = 8
const ARTICLES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  object: 'a JSON object',
  array: 'a list (a,b or [JSON])',
  string: 'a text',
}

/** The properties of an object by their names. */
export function propertiesOf({ properties }: Schema): Readonly<Record<string, unknown>> {
  return isJsonObject(properties) ? properties : {}
}

/** What a part of a schema says, references within its root followed. A part that says nothing is empty. */
export function resolveSchema(part: unknown, root: Schema): Schema {
  let found = part
  for (let steps = 0; steps < MAX_REFERENCES && isJsonObject(found) && typeof found.$ref === 'string'; steps++) {
    found = memberAt(root, found.$ref)
  }
  return isJsonObject(found) ? found : {}
}

/** The types that a value may have; none where it may have any. */
export function typesOf(schema: Schema, root: Schema): string[] {
  const types = alternativesOf(schema, root).flatMap(({ type }) => type)
  return [...new Set(types.filter((type) => typeof type === 'string'))]
}

/** The values that there are to choose from; undefined where it is not a choice. */
export function choicesOf(schema: Schema, root: Schema): unknown[] | undefined {
  const choices = alternativesOf(schema, root).map((one) => {
    if (Array.isArray(one.enum)) return one.enum as unknown[]
    return 'const' in one ? [one.const] : undefined
  })
  return choices.every((one) => one !== undefined) ? choices.flat() : undefined
}

/** What a value must be, as it stands behind "must be". */
export function describeType(schema: Schema, root: Schema): string {
  const choices = choicesOf(schema, root)
  if (choices !== undefined) return `one of ${choices.map((choice) => String(choice)).join(', ')}`
  return typesOf(schema, root)
    .map((type) => ARTICLES[type] ?? type)
    .join(' or ')
}

/** The schemas of which one holds: those that a union names, unions within it included, or the schema itself. */
function alternativesOf(schema: Schema, root: Schema): Schema[] {
  const found: Schema[] = []
  const seen = new Set<Schema>()
  const waiting = [schema]
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    // A schema may be part of itself.
    if (seen.has(one)) continue
    seen.add(one)
    const parts = [one.anyOf, one.oneOf, one.allOf].find((union) => Array.isArray(union))
    if (parts === undefined) found.push(one)
    else waiting.push(...parts.map((part) => resolveSchema(part, root)))
  }
  return found
}

// Only the document itself is looked into: nothing is ever fetched.
function memberAt(root: Schema, pointer: string): unknown {
  if (!pointer.startsWith('#')) return undefined
  const keys = pointer.slice(1).split('/').slice(1)
  return keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => (isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), root)
}
