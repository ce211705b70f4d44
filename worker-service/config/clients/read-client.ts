import { readFile } from 'node:fs/promises'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { systemCodeOf } from '../../../shared/errors/system-code.ts'
import { isJsonObject } from '../../../shared/json-object.ts'
import { describeNote } from '../formats/document.ts'
import { formatOf, parseDocument } from '../formats/parse-document.ts'
import type { McpClient } from './clients.ts'

/** The servers of a client, not yet looked at, in the order written. */
export interface ClientServers {
  client: McpClient
  path: string
  text: string
  servers: [name: string, entry: unknown][]
}

/** What a client has configured in a file; undefined where it has no such file. Rejects with `invalid_configuration` where that cannot be read. */
export async function readClient(client: McpClient, path: string): Promise<ClientServers | undefined> {
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  const parsed = text.trim() === '' ? { kind: 'value' as const, value: {} } : await parseDocument(text, formatOf(path))
  if (parsed.kind === 'mistakes') {
    const why = parsed.mistakes.slice(0, 1).map(describeNote).join('')
    throw new ServiceError('invalid_configuration', `${client.title} has a file that cannot be read, ${path}: ${why}`)
  }
  const servers = isJsonObject(parsed.value) ? parsed.value[client.key] : undefined
  return { client, path, text, servers: Object.entries(isJsonObject(servers) ? servers : {}) }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return undefined
    throw new ServiceError('invalid_configuration', `${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}
