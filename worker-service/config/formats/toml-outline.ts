import { parse } from 'smol-toml'
import { isJsonObject } from '../../../shared/json-object.ts'
import type { Path } from '../section-reader.ts'
import type { Position } from './document.ts'

/** A line of a TOML document that begins something: the header of a table, or a member. */
interface TomlLine {
  /** Counted from 0. */
  line: number
  kind: 'table' | 'member'
  /** All keys from the root of the document. */
  path: string[]
}

const KEY = String.raw`(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')`
const KEYS = String.raw`${KEY}(?:\s*\.\s*${KEY})*`
const HEADER = new RegExp(String.raw`^\s*(\[\[?)\s*(${KEYS})\s*\]`)
const MEMBER = new RegExp(String.raw`^\s*(${KEYS})\s*=(.*)`)
const MULTILINE = /"""|'''/

/** The lines of a valid TOML document that begin tables and members, in order. What is inside inline tables has no line of its own. */
export function outlineToml(text: string): TomlLine[] {
  const lines: TomlLine[] = []
  let table: string[] = []
  let isInText = false
  for (const [line, source] of text.split('\n').entries()) {
    const begins = isInText ? undefined : readLine(source)
    if (begins?.kind === 'table') table = begins.keys
    if (begins !== undefined) {
      lines.push({ line, kind: begins.kind, path: begins.kind === 'table' ? table : [...table, ...begins.keys] })
    }
    // A text over several lines begins or ends where its delimiter stands alone in a line.
    if (source.split(MULTILINE).length % 2 === 0) isInText = !isInText
  }
  return lines
}

/** Where something stands in a valid TOML document, or what is nearest around it. */
export function locateInToml(path: Path, text: string): Position | undefined {
  const isAround = ({ path: keys }: TomlLine) => keys.length <= path.length && keys.every((key, at) => key === path[at])
  const [nearest] = outlineToml(text)
    .filter(isAround)
    .toSorted((a, b) => b.path.length - a.path.length)
  if (nearest === undefined) return undefined
  const source = text.split('\n')[nearest.line] ?? ''
  return { line: nearest.line + 1, column: source.search(/\S/) + 1 }
}

function readLine(source: string): { kind: 'table' | 'member'; keys: string[] } | undefined {
  const [, , header] = HEADER.exec(source) ?? []
  if (header !== undefined) return { kind: 'table', keys: keysOf(header) }
  const [, member] = MEMBER.exec(source) ?? []
  return member === undefined ? undefined : { kind: 'member', keys: keysOf(member) }
}

function keysOf(dotted: string): string[] {
  const keys: string[] = []
  for (let value: unknown = parse(`${dotted} = 0`); isJsonObject(value); ) {
    const [key = '', inner] = Object.entries(value)[0] ?? []
    keys.push(key)
    value = inner
  }
  return keys
}
