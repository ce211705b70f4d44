import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLError } from 'yaml'
import type { Path } from '../section-reader.ts'
import { type Note, type ParsedDocument, type Position, positionAt } from './document.ts'

// Many references to one another make a giant of a small file.
const MAX_ALIASES = 100

/** Parses YAML 1.2, one document, with anchors and merge keys. */
export function parseYaml(text: string): ParsedDocument {
  // Pretty errors quote the line, which may hold a secret.
  const document = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' })
  const tooDeep = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  if (tooDeep !== undefined)
    return mistakes([{ position: positionAt(tooDeep.pos[0], text), text: 'it nests too deep' }])
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0) return mistakes(problems.map((error) => toMistake(error, text)))
  try {
    // Through JSON, which refuses what refers to itself.
    const value: unknown = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES })))
    return { kind: 'value', value, locate: (path) => locateInDocument(document, path, text), oddities: () => [] }
  } catch {
    return mistakes([{ position: undefined, text: 'its aliases refer to too much, or to themselves' }])
  }
}

function mistakes(found: Note[]): ParsedDocument {
  return { kind: 'mistakes', mistakes: found }
}

function toMistake({ pos, code, message }: YAMLError, text: string): Note {
  const position = positionAt(pos[0], text)
  if (code === 'MULTIPLE_DOCS') return { position, text: 'a second document begins here; keep one of them' }
  return { position, text: message.charAt(0).toLowerCase() + message.slice(1) }
}

function locateInDocument(document: Document.Parsed, path: Path, text: string): Position | undefined {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const step of path) {
    const { found, start } = stepInto(isAlias(node) ? node.resolve(document) : node, step)
    if (start === undefined) break
    offset = start
    node = found
  }
  return offset === undefined ? undefined : positionAt(offset, text)
}

function stepInto(node: unknown, step: string | number): { found?: unknown; start?: number | undefined } {
  if (isSeq(node)) {
    const found = node.items[Number(step)] as { range?: [number, number, number] } | undefined
    return { found, start: found?.range?.[0] }
  }
  if (!isMap(node)) return {}
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
  return isScalar(pair?.key) ? { found: pair.value, start: pair.key.range?.[0] } : {}
}
