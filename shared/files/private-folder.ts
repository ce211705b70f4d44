import { chmodSync, existsSync, lstatSync, mkdirSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../errors/message-of.ts'
import { ServiceError } from '../errors/service-error.ts'
import { systemCodeOf } from '../errors/system-code.ts'

const OTHERS_MAY_WRITE = 0o002
const GROUP_AND_OTHERS = 0o077

/**
 * Makes the folder (0700, parents too) or checks the one that is there: a real folder, ours, closed to everybody else.
 * Throws `invalid_configuration` that names the folder and the remedy.
 */
export function ensurePrivateFolder(path: string): void {
  const found = makeFolder(path)
  const offence = whyNotPrivate(found)
  if (offence !== undefined) throw notUsable(path, offence)
  // A folder that another program made first (a cache under a usual umask) is readable at most: closing it is enough.
  if ((found.mode & GROUP_AND_OTHERS) !== 0) chmodSync(path, 0o700)
}

function makeFolder(path: string): Stats {
  try {
    makeWithParents(path)
    return lstatSync(path)
  } catch (cause) {
    throw notUsable(path, messageOf(cause), cause)
  }
}

// Not mkdir's own `recursive`, which tries for ever where a folder takes no other and says that there is none (/proc, automounted homes).
function makeWithParents(path: string): void {
  try {
    makeOne(path)
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'ENOENT') throw thrown
    makeWithParents(dirname(path))
    makeOne(path)
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT' || !existsSync(path)) throw thrown
  }
}

function whyNotPrivate(found: Stats): string | undefined {
  if (found.isSymbolicLink()) return 'it is a symbolic link. Replace it by a real folder.'
  if (!found.isDirectory()) return 'it is not a folder. Remove what is there.'
  const user = process.getuid?.()
  if (found.uid !== user) return `it belongs to user ${found.uid}, not to ${user}. Remove it or change its owner.`
  // What lies in it may have been put there by anybody, and it may be a shared folder that is not ours to close.
  if ((found.mode & OTHERS_MAY_WRITE) !== 0) return 'every user can write to it. Run "chmod 700" on it.'
  return undefined
}

function notUsable(path: string, reason: string, cause?: unknown): ServiceError {
  return new ServiceError('invalid_configuration', `The folder ${path} is not usable: ${reason}`, { cause })
}
