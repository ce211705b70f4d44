import type { AcceptedTools } from './accepted-tools.ts'

/** How a list differs from the one that was accepted: names of tools. */
export interface ToolChanges {
  readonly changed: readonly string[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** Compares a list with the one that was accepted; undefined where they have the same tools. */
export function compareTools(accepted: AcceptedTools, listed: AcceptedTools): ToolChanges | undefined {
  const names = [...listed.keys()]
  const added = names.filter((name) => !accepted.has(name))
  const changed = names.filter((name) => accepted.has(name) && accepted.get(name) !== listed.get(name))
  const removed = [...accepted.keys()].filter((name) => !listed.has(name))
  return added.length + changed.length + removed.length === 0 ? undefined : { changed, added, removed }
}
