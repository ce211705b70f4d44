import { readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Environment } from './environment.ts'
import { writePrivateFile } from './files/atomic-file.ts'
import { ensurePrivateFolder } from './files/private-folder.ts'
import { fingerprint } from './fingerprint.ts'
import { VERSION } from './version.ts'

/*
 * A file in the cache folder, one for each configuration, of two lines: what the list was made from, and the list. Whoever learns that
 * a server has other tools writes it anew or takes it away.
 */

/** Where a list comes from. */
export type FirstToolsSource = Pick<
  Environment,
  'configPath' | 'configAlternatives' | 'variablesPath' | 'findTools' | 'folders'
>

/** The result of tools/list, JSON text, for a client that has been given nothing yet; undefined where it is not known or may be another. */
export function readFirstTools(source: FirstToolsSource): string | undefined {
  const text = readIfThere(pathOf(source))
  const end = text.indexOf('\n')
  return end !== -1 && text.slice(0, end) === basisOf(source) ? text.slice(end + 1, -1) : undefined
}

/** As {@link readFirstTools}, for who asks again and again: the list is read anew where the file, or what it depends on, is another. */
export function createFirstToolsReader(source: FirstToolsSource): () => Buffer | undefined {
  const path = pathOf(source)
  let seen: string | undefined
  let list: Buffer | undefined
  return () => {
    const seenNow = `${stampOf(path)} ${basisOf(source)}`
    if (seenNow === seen) return list
    const text = readFirstTools(source)
    seen = seenNow
    list = text === undefined ? undefined : Buffer.from(text)
    return list
  }
}

/** Keeps that list, where it is another than what is kept. Throws the file system's error, or `invalid_configuration` for the folder. */
export async function writeFirstTools(source: FirstToolsSource, list: string): Promise<void> {
  if (readFirstTools(source) === list) return
  const path = pathOf(source)
  ensurePrivateFolder(dirname(path))
  await writePrivateFile(path, `${basisOf(source)}\n${list}\n`)
}

/** The list is another now, and not known here. */
export function forgetFirstTools(source: FirstToolsSource): void {
  rmSync(pathOf(source), { force: true })
}

function pathOf({ configPath, folders }: FirstToolsSource): string {
  return join(folders.cache, 'first-tools', `${fingerprint(configPath)}.txt`)
}

function basisOf({ configPath, configAlternatives, variablesPath, findTools }: FirstToolsSource): string {
  const stamps = [configPath, ...configAlternatives, variablesPath].map(stampOf)
  return JSON.stringify([VERSION, findTools.maxLimit, ...stamps])
}

// A file that is replaced is another one; one that is edited has another time. One that cannot be looked at is as good as none.
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    return ''
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
