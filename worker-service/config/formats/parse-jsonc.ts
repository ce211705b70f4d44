import { findNodeAtLocation, type Node, type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser'
import { MAX_JSON_NESTING, nestsDeeperThan } from '../../../shared/json-nesting.ts'
import { parseJson } from '../../../shared/parse-json.ts'
import type { Path } from '../section-reader.ts'
import { type Note, type ParsedDocument, type Position, positionAt } from './document.ts'

const BYTE_ORDER_MARK = /^\uFEFF/

/** Parses JSON with comments and trailing commas, with or without a byte order mark. */
export function parseJsonc(source: string): ParsedDocument {
  const text = source.replace(BYTE_ORDER_MARK, '')
  // The parser recurses.
  if (nestsDeeperThan(MAX_JSON_NESTING, Buffer.from(text))) {
    const what = `it nests deeper than ${MAX_JSON_NESTING} levels`
    return { kind: 'mistakes', mistakes: [{ position: undefined, text: what }] }
  }
  const tree = () => parseTree(text, [], { allowTrailingComma: true })
  const lookups = {
    locate: (path: Path) => locateInTree(tree(), path, text),
    oddities: () => repeatedKeys(tree(), text),
  }
  // Most files are plain, and the parser built into the language reads them in no time.
  const plain = parseJson(text)
  if (plain !== undefined) return { kind: 'value', value: plain, ...lookups }
  const errors: ParseError[] = []
  const value: unknown = parse(text, errors, { allowTrailingComma: true })
  if (errors.length === 0) return { kind: 'value', value, ...lookups }
  // Of a text that ends too early the parser says at its end what all is missing.
  const places = errors.filter(({ offset }, at) => offset !== errors[at - 1]?.offset)
  return { kind: 'mistakes', mistakes: places.map((error) => toMistake(error, text)) }
}

function toMistake({ error, offset }: ParseError, text: string): Note {
  // "CommaExpected" reads as "comma expected".
  const words = printParseErrorCode(error).replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
  return { position: positionAt(offset, text), text: words.toLowerCase() }
}

function repeatedKeys(node: Node | undefined, text: string): Note[] {
  const { type, children = [] } = node ?? {}
  const keyOf = ({ children: [key] = [] }: Node) => String(key?.value)
  const keys = type === 'object' ? children.map(keyOf) : []
  const here = children.flatMap(({ offset }, at) => {
    const key = keys[at]
    if (key === undefined || keys.indexOf(key) === at) return []
    return [{ text: `"${key}" is there again; only the last one counts`, position: positionAt(offset, text) }]
  })
  return [...here, ...children.flatMap((child) => repeatedKeys(child, text))]
}

function locateInTree(root: Node | undefined, path: Path, text: string): Position | undefined {
  if (root === undefined || path.length === 0) return undefined
  const node = findNodeAtLocation(root, [...path])
  if (node === undefined) return locateInTree(root, path.slice(0, -1), text)
  // Of a member its key.
  const { offset } = node.parent?.type === 'property' ? node.parent : node
  return positionAt(offset, text)
}
