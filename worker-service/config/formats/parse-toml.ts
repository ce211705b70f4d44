import { parse, TomlError } from 'smol-toml'
import type { Path } from '../section-reader.ts'
import type { ParsedDocument } from './document.ts'
import { locateInToml } from './toml-outline.ts'

/** Parses TOML 1.0. */
export function parseToml(text: string): ParsedDocument {
  try {
    const value: unknown = parse(text)
    return { kind: 'value', value, locate: (path: Path) => locateInToml(path, text), oddities: () => [] }
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown
    const { line, column } = thrown
    return { kind: 'mistakes', mistakes: [{ position: { line, column }, text: reasonOf(thrown) }] }
  }
}

// "Invalid TOML document: …" and then the lines around it, which may hold a secret.
function reasonOf({ message }: TomlError): string {
  const [first = ''] = message.split('\n')
  return first.replace(/^[^:]*: /, '')
}
