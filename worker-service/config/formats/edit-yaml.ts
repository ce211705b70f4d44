import { parseDocument } from 'yaml'
import type { ServersEdit } from './edit-servers.ts'

/** Changes the servers of a text in YAML. */
export function editYaml(text: string, { key, set, remove }: ServersEdit): string {
  const document = parseDocument(text)
  for (const name of remove) document.deleteIn([key, name])
  for (const [name, value] of Object.entries(set)) document.setIn([key, name], document.createNode(value))
  // Without a width, long texts stay on their line.
  return document.toString({ lineWidth: 0 })
}
