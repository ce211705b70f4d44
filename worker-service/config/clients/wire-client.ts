import { constants } from 'node:fs'
import { copyFile, readdir, readFile, realpath, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ClientId } from '../../../shared/contracts/client-id.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { fingerprint } from '../../../shared/fingerprint.ts'
import { isJsonObject } from '../../../shared/json-object.ts'
import { editServers } from '../formats/edit-servers.ts'
import { formatOf, parseDocument } from '../formats/parse-document.ts'
import { CLIENTS, type ClientHome, fileOf, withoutProjectFile } from './clients.ts'
import type { ClientPlan } from './plan-import.ts'
import { replaceFile } from './replace-file.ts'

/** How a client starts us: a command and its arguments, and variables where it needs them. */
export interface OwnCommand {
  command: string
  args: string[]
  env?: Record<string, string>
}

/** A change to the file of a client that can be looked at before it is made. */
export interface PreparedWiring {
  path: string
  text: string
  backup: string
  /** The servers that the client has from us from then on. */
  taken: string[]
  /** Those that it goes on to start itself. */
  left: string[]
}

const OWN_NAME = 'pilotlight'
const MARK = '.before-pilotlight-'

/** Has a client start us in the place of every server that is here as well. Rejects with `invalid_configuration` where it does already. */
export async function prepareWiring(plan: ClientPlan & { text: string }, own: OwnCommand): Promise<PreparedWiring> {
  const { client, text } = plan
  const path = await realpath(plan.path)
  const earlier = await findBackup(path)
  if (earlier !== undefined) {
    throw new ServiceError(
      'invalid_configuration',
      `${client.title} is wired already; what it had is in ${earlier}. Undo that first: "pilot import --from ${client.id} --undo".`,
    )
  }
  const isHere = ({ outcome }: ClientPlan['servers'][number]) => outcome.kind === 'added' || outcome.kind === 'there'
  const taken = plan.servers.filter(isHere).map(({ name }) => name)
  const left = plan.servers
    .filter(({ name, outcome }) => !taken.includes(name) && outcome.kind !== 'pilotlight')
    .map(({ name }) => name)
  const entry = { ...client.marks, ...own }
  const wired = await editServers(text, formatOf(path), { key: client.key, set: { [OWN_NAME]: entry }, remove: taken })
  return { path, text: wired, backup: `${path}${MARK}${fingerprint(wired)}`, taken, left }
}

/** Makes the change; what the client had is kept beside it. */
export async function finishWiring({ path, text, backup }: PreparedWiring): Promise<void> {
  await copyFile(path, backup, constants.COPYFILE_EXCL)
  await replaceFile(path, text)
}

/** How a client was given back its servers: exactly as it had them, or among what it has written since. */
export interface Undone {
  path: string
  isExact: boolean
  /** Where what it had is kept, where it was not put back as a whole. */
  kept: string | undefined
}

/** Takes back what wiring did. Rejects with `invalid_configuration` where there is nothing to take back. */
export async function undoWiring(id: ClientId, home: ClientHome): Promise<Undone> {
  const client = CLIENTS.find((one) => one.id === id)
  if (client === undefined) throw new ServiceError('invalid_request', `There is no client ${id}.`)
  const file = fileOf(client, home)
  if (file === undefined) throw withoutProjectFile(client)
  const path = await realpath(file).catch(() => file)
  const backup = await findBackup(path)
  if (backup === undefined)
    throw new ServiceError('invalid_configuration', `${client.title} is not wired: there is no ${path}${MARK}….`)
  const current = await readFile(path, 'utf8').catch(() => undefined)
  if (current === undefined || backup.endsWith(fingerprint(current))) {
    await rename(backup, path)
    return { path, isExact: true, kept: undefined }
  }
  // The client has written since: only its servers go back.
  const before = await serversOf(await readFile(backup, 'utf8'), { path, key: client.key })
  const now = await serversOf(current, { path, key: client.key })
  const missing = Object.fromEntries(
    Object.entries(before).filter(([name]) => now[name] === undefined || name === OWN_NAME),
  )
  const remove = before[OWN_NAME] === undefined ? [OWN_NAME] : []
  await replaceFile(path, await editServers(current, formatOf(path), { key: client.key, set: missing, remove }))
  const kept = `${path}.before-pilotlight`
  await rename(backup, kept)
  return { path, isExact: false, kept }
}

async function findBackup(path: string): Promise<string | undefined> {
  const names = await readdir(dirname(path)).catch(() => [])
  const found = names.find((name) => name.startsWith(`${basename(path)}${MARK}`))
  return found === undefined ? undefined : join(dirname(path), found)
}

async function serversOf(text: string, { path, key }: { path: string; key: string }): Promise<Record<string, object>> {
  const parsed = await parseDocument(text, formatOf(path))
  const servers = parsed.kind === 'value' && isJsonObject(parsed.value) ? parsed.value[key] : undefined
  return isJsonObject(servers) ? (servers as Record<string, object>) : {}
}
