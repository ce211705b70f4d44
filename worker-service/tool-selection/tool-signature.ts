import { isJsonObject } from '../../shared/json-object.ts'

const MAX_LENGTH = 400
const MAX_CHOICES = 6
const MAX_DEPTH = 2

/**
 * A tool's input schema (JSON Schema) on one line, as TypeScript writes parameters: `(path: string, head?: number)`. What a line cannot
 * say is left out, so it is for reading, not for checking.
 */
export function toSignature(inputSchema: unknown): string {
  const { properties, required } = isJsonObject(inputSchema) ? inputSchema : {}
  const line = `(${members(properties, required, 0)})`
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH)}…`
}

function members(properties: unknown, required: unknown, depth: number): string {
  if (!isJsonObject(properties)) return ''
  const needed: unknown[] = Array.isArray(required) ? required : []
  return Object.entries(properties)
    .map(([name, schema]) => `${name}${needed.includes(name) ? '' : '?'}: ${typeOf(schema, depth)}`)
    .join(', ')
}

function typeOf(schema: unknown, depth: number): string {
  if (!isJsonObject(schema) || depth > MAX_DEPTH) return 'any'
  const choices = [schema.enum, schema.anyOf, schema.oneOf].find(Array.isArray)
  if (choices === undefined) return 'const' in schema ? JSON.stringify(schema.const) : plainType(schema, depth)
  const types = choices.map((one: unknown) => (choices === schema.enum ? JSON.stringify(one) : typeOf(one, depth + 1)))
  return union(types)
}

function plainType(schema: Record<string, unknown>, depth: number): string {
  if (Array.isArray(schema.type))
    return union(schema.type.map((type: unknown) => plainType({ ...schema, type }, depth)))
  switch (schema.type) {
    case 'array':
      return `${inBrackets(typeOf(schema.items, depth + 1))}[]`
    case 'object':
      return isJsonObject(schema.properties) ? `{${members(schema.properties, schema.required, depth + 1)}}` : 'object'
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return schema.type
    default:
      return 'any'
  }
}

function union(types: readonly string[]): string {
  const shown = [...new Set(types)].slice(0, MAX_CHOICES)
  return [...shown, ...(types.length > MAX_CHOICES ? ['…'] : [])].join(' | ')
}

function inBrackets(type: string): string {
  return type.includes(' | ') ? `(${type})` : type
}
