import { isDeepStrictEqual } from 'node:util'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { isJsonObject } from '../../../shared/json-object.ts'
import { editJsonc } from './edit-jsonc.ts'
import { type Format, parseDocument } from './parse-document.ts'

/** What becomes of the servers of a document. */
export interface ServersEdit {
  /** The member of the document that holds them, as it is spelled there. */
  key: string
  /** Entries to be there, by their names; one that is there is replaced. */
  set: Readonly<Record<string, object>>
  /** The names of entries to be gone. */
  remove: readonly string[]
}

/**
 * A document with other servers; comments, order and everything else stay as they are. Rejects with `invalid_configuration` where the
 * text is written so that it cannot be changed like that.
 */
export async function editServers(text: string, format: Format, edit: ServersEdit): Promise<string> {
  const wanted = apply(await valueOf(text, format), edit)
  const edited = await editText(text, format, edit)
  // Texts can be written in more ways than are known here, and a file that is broken stops a program.
  if (isDeepStrictEqual(await valueOf(edited, format).catch(() => undefined), wanted)) return edited
  throw new ServiceError(
    'invalid_configuration',
    `The servers under "${edit.key}" are written in a way that cannot be edited; edit them by hand.`,
  )
}

async function editText(text: string, format: Format, edit: ServersEdit): Promise<string> {
  switch (format) {
    case 'json':
      return editJsonc(text, edit)
    case 'yaml':
      return (await import('./edit-yaml.ts')).editYaml(text, edit)
    case 'toml':
      return (await import('./edit-toml.ts')).editToml(text, edit)
  }
}

async function valueOf(text: string, format: Format): Promise<Record<string, unknown>> {
  if (text.trim() === '') return {}
  const parsed = await parseDocument(text, format)
  // Plain, so that values of different parsers can be compared.
  const value: unknown = parsed.kind === 'value' ? structuredClone(JSON.parse(JSON.stringify(parsed.value))) : undefined
  if (isJsonObject(value)) return value
  throw new ServiceError('invalid_configuration', 'It is not an object.')
}

function apply(document: Record<string, unknown>, { key, set, remove }: ServersEdit): Record<string, unknown> {
  const servers = { ...(isJsonObject(document[key]) ? document[key] : {}), ...set }
  for (const name of remove) delete servers[name]
  return { ...document, [key]: servers }
}
