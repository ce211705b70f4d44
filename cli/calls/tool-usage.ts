import { isJsonObject } from '../../shared/json-object.ts'
import { choicesOf, propertiesOf, resolveSchema, type Schema, typesOf } from '../../shared/tool-schema.ts'
import { escapeLine } from '../output/escape.ts'
import type { HostedTool } from './tool-host.ts'

const MAX_DESCRIPTION_CHARACTERS = 200

interface Argument {
  readonly name: string
  readonly value: string
  readonly isRequired: boolean
  readonly about: string
}

/** How a tool is called from the command line, and what its arguments are. */
export function toolUsage(server: string, tool: HostedTool): string {
  const all = argumentsOf(tool.inputSchema)
  const spelled = all.map(({ name, value, isRequired }) => {
    const flag = `--${name}${value}`
    return isRequired ? flag : `[${flag}]`
  })
  const width = Math.max(0, ...all.map(({ name, value }) => name.length + value.length))
  const lines = all.map(({ name, value, about }) => `  --${`${name}${value}`.padEnd(width)}  ${about}`.trimEnd())
  return [
    'Usage',
    `  pilot call ${[server, escapeLine(tool.name), ...spelled].join(' ')}`,
    ...(lines.length === 0 ? [] : ['', 'Arguments', ...lines]),
    '',
  ].join('\n')
}

/** What a tool does, in its own words, shortened. */
export function shortDescription({ description = '', title = '' }: HostedTool): string {
  return shorten(escapeLine(description === '' ? title : description))
}

function argumentsOf(root: Schema): Argument[] {
  const required = Array.isArray(root.required) ? root.required : []
  const all = Object.entries(propertiesOf(root)).map(([name, part]) => {
    const schema = resolveSchema(part, root)
    const isRequired = required.includes(name)
    return { name: escapeLine(name), value: valueOf(schema, root), isRequired, about: aboutOf(schema, isRequired) }
  })
  return all.toSorted((one, other) => Number(other.isRequired) - Number(one.isRequired))
}

function valueOf(schema: Schema, root: Schema): string {
  const choices = choicesOf(schema, root)
  if (choices !== undefined) return ` ${choices.map((choice) => escapeLine(String(choice))).join('|')}`
  const types = typesOf(schema, root).filter((type) => type !== 'null')
  if (types.length === 1 && types[0] === 'boolean') return ''
  if (types.length === 1 && types[0] === 'array') return ` <${itemType(schema, root)},…>`
  return ` <${types.join('|') || 'json'}>`
}

function itemType(schema: Schema, root: Schema): string {
  return typesOf(resolveSchema(schema.items, root), root).join('|') || 'item'
}

function aboutOf(schema: Schema, isRequired: boolean): string {
  const description = typeof schema.description === 'string' ? shorten(escapeLine(schema.description)) : ''
  const isPlain = !isJsonObject(schema.default) && schema.default !== undefined
  const byDefault = isPlain ? `(default ${escapeLine(JSON.stringify(schema.default))})` : ''
  return [isRequired ? '(required)' : '', description, byDefault].filter((part) => part !== '').join(' ')
}

function shorten(text: string): string {
  return text.length <= MAX_DESCRIPTION_CHARACTERS
    ? text
    : `${text.slice(0, MAX_DESCRIPTION_CHARACTERS - 1).trimEnd()}…`
}
