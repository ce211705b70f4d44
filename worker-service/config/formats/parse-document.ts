import { extname } from 'node:path'
import type { ParsedDocument } from './document.ts'
import { parseJsonc } from './parse-jsonc.ts'

/** The formats that configurations are written in; JSON with comments. */
export type Format = 'json' | 'yaml' | 'toml'

const FORMATS: Readonly<Record<string, Format>> = { '.yaml': 'yaml', '.yml': 'yaml', '.toml': 'toml' }

/** The format of a file by the end of its name; JSON where that says nothing. */
export function formatOf(path: string): Format {
  return FORMATS[extname(path).toLowerCase()] ?? 'json'
}

/** Parses a text. Only JSON's parser is loaded for JSON: that of YAML takes longer to load than a one-shot to answer. */
export async function parseDocument(text: string, format: Format): Promise<ParsedDocument> {
  switch (format) {
    case 'json':
      return parseJsonc(text)
    case 'yaml':
      return (await import('./parse-yaml.ts')).parseYaml(text)
    case 'toml':
      return (await import('./parse-toml.ts')).parseToml(text)
  }
}
