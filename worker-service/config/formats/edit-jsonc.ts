import { createScanner, findNodeAtLocation, type Node, parseTree } from 'jsonc-parser'
import type { ServersEdit } from './edit-servers.ts'

// By hand on the parser's tree: the library's own edits format what is beside a change anew, and take comments along.

/** Changes the servers of a text in JSON with comments; every other line of it stays as it is. */
export function editJsonc(text: string, { key, set, remove }: ServersEdit): string {
  const gone = [...remove, ...Object.keys(set)]
  const without = gone.reduce((edited, name) => withoutMember(edited, [key], name), text.trim() === '' ? '{}\n' : text)
  const added = Object.entries(set)
  const hasPlace = nodeAt(without, [key])?.type === 'object'
  const ready = hasPlace || added.length === 0 ? without : withMember(withoutMember(without, [], key), [], [key, {}])
  return added.reduce((edited, entry) => withMember(edited, [key], entry), ready)
}

function nodeAt(text: string, path: readonly string[]): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true })
  return root === undefined ? undefined : findNodeAtLocation(root, [...path])
}

function withoutMember(text: string, path: readonly string[], name: string): string {
  const members = nodeAt(text, path)?.children ?? []
  const at = members.findIndex(({ children }) => children?.[0]?.value === name)
  const member = members[at]
  if (member === undefined) return text
  const comma = commaAfter(text, endOf(member))
  const isLast = at === members.length - 1
  const from = startOfLine(text, member.offset)
  const to = endOfLine(text, comma === undefined ? endOf(member) : comma + 1)
  const before = members[at - 1]
  const kept = text.slice(0, from) + text.slice(to)
  // A comma that nothing follows is not JSON.
  const dangling = isLast && comma === undefined && before !== undefined ? commaAfter(text, endOf(before)) : undefined
  return dangling === undefined ? kept : kept.slice(0, dangling) + kept.slice(dangling + 1)
}

function withMember(text: string, path: readonly string[], [name, value]: [string, object]): string {
  const object = nodeAt(text, path)
  if (object === undefined) return text
  const last = object.children?.at(-1)
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const [, unit = '  '] = /^([ \t]+)"/m.exec(text) ?? []
  const brace = endOf(object) - 1
  const [outer = ''] = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', object.offset) + 1)) ?? []
  const lines = `${JSON.stringify(name)}: ${JSON.stringify(value, null, unit)}`.split('\n')
  const member = lines.map((line) => `${outer}${unit}${line}`).join(newline)
  const commaAt = last !== undefined && commaAfter(text, endOf(last)) === undefined ? endOf(last) : undefined
  const head = commaAt === undefined ? text.slice(0, brace) : `${text.slice(0, commaAt)},${text.slice(commaAt, brace)}`
  return `${head.trimEnd()}${newline}${member}${newline}${outer}${text.slice(brace)}`
}

function endOf({ offset, length }: Node): number {
  return offset + length
}

/** Where the next comma is, if nothing but comments is before it. */
function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true)
  scanner.setPosition(offset)
  scanner.scan()
  const next = scanner.getTokenOffset()
  return text[next] === ',' ? next : undefined
}

// Where a member begins its line, the line goes with it, and what is said behind it.
function startOfLine(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return text.slice(start, offset).trim() === '' ? start : offset
}

function endOfLine(text: string, offset: number): number {
  const [rest = ''] = /^[ \t]*(?:\/\/.*)?\r?\n?/.exec(text.slice(offset)) ?? []
  return rest.endsWith('\n') ? offset + rest.length : offset
}
