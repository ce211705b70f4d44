import { constants, promises as files } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

// Not from node:fs/promises: Node loads that at once and this when it is first used, which in a one-shot without a caller is never.

// EXCL and NOFOLLOW: nothing that somebody placed there first is written to, or through.
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Replaces a file (0600, or as `mode` says) at once: a reader sees the old content or the new, never a part. `durable` also waits
 * until it survives a power cut. Throws the file system's error; nothing is left behind then.
 */
export async function writePrivateFile(
  path: string,
  content: string | Uint8Array,
  { durable, mode = 0o600 }: { durable: boolean; mode?: number } = { durable: false },
): Promise<void> {
  // It need not be secret: what is there already is never opened.
  const draft = `${path}.${Math.random().toString(36).slice(2)}.tmp`
  const file = await files.open(draft, NEW_FILE, mode)
  try {
    await fill(file, content, durable)
    await files.rename(draft, path)
  } catch (thrown) {
    await files.rm(draft, { force: true })
    throw thrown
  }
  if (durable) await syncFolder(dirname(path))
}

async function fill(file: FileHandle, content: string | Uint8Array, durable: boolean): Promise<void> {
  try {
    await file.writeFile(content)
    if (durable) await file.sync()
  } finally {
    await file.close()
  }
}

// The rename itself is an entry of the folder, and on disk only when the folder is.
async function syncFolder(path: string): Promise<void> {
  const folder = await files.open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
