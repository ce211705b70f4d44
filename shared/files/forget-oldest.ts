import { promises as files } from 'node:fs'
import { join } from 'node:path'

// Not from node:fs/promises: Node loads that at once and this when it is first used, which in a one-shot is mostly never.

// Looking at every file is the dear part of forgetting, so a tenth goes at a time.
const FORGOTTEN_AT_ONCE = 0.1

/** Where a folder has more than `max` files, besides those that are always kept, removes those that were longest not written. */
export async function forgetOldest(folder: string, max: number, kept: readonly string[] = []): Promise<void> {
  // Drafts of writers that were killed lie here too, and go the same way.
  const names = (await files.readdir(folder)).filter((name) => !kept.includes(name))
  if (names.length <= max) return
  const paths = names.map((name) => join(folder, name))
  const ages = await Promise.all(paths.map(async (path) => ({ path, changedAt: await changedAt(path) })))
  const excess = names.length - max + Math.floor(max * FORGOTTEN_AT_ONCE)
  const oldest = ages.toSorted((a, b) => a.changedAt - b.changedAt).slice(0, excess)
  await Promise.all(oldest.map(({ path }) => files.rm(path, { force: true })))
}

async function changedAt(path: string): Promise<number> {
  try {
    return (await files.stat(path)).mtimeMs
  } catch {
    return 0
  }
}
