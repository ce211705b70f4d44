import { stringify } from 'smol-toml'
import type { ServersEdit } from './edit-servers.ts'
import { outlineToml } from './toml-outline.ts'

const BLANK_OR_COMMENT = /^\s*(#.*)?$/

/** Changes the servers of a text in TOML: tables are taken out and added at the end, whatever else there is stays as it is. */
export function editToml(text: string, { key, set, remove }: ServersEdit): string {
  const gone = new Set([...remove, ...Object.keys(set)])
  const kept = [...gone].reduce((edited, name) => withoutTable(edited, [key, name]), text).trimEnd()
  const added = Object.entries(set).map(([name, value]) => stringify({ [key]: { [name]: value } }).trimEnd())
  const ends = [...(kept === '' ? [] : [kept]), ...added].join('\n\n')
  return ends === '' ? '' : `${ends}\n`
}

function withoutTable(text: string, path: readonly string[]): string {
  const lines = text.split('\n')
  const outline = outlineToml(text)
  const isInside = (keys: readonly string[]) => path.every((part, at) => keys[at] === part)
  const taken = outline.flatMap(({ line, path: keys }, at) => {
    if (!isInside(keys)) return []
    const end = outline[at + 1]?.line ?? lines.length
    return [[line, endOfContent(lines, line, end)] as const]
  })
  return lines.filter((_, line) => !taken.some(([from, to]) => line >= from && line < to)).join('\n')
}

// A comment above what comes next belongs to that.
function endOfContent(lines: readonly string[], from: number, to: number): number {
  let end = to
  while (end > from + 1 && BLANK_OR_COMMENT.test(lines[end - 1] ?? '')) end--
  return end
}
