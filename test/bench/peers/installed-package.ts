import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../../shared/folders.ts'
import { npmInstall, type PinnedPackage } from '../../support/npm-install.ts'

/**
 * The folder of another project's package, in the user's cache; fetched where it is not there yet. It is installed beside
 * its place and moved there, so that what is there is whole. Rejects with what npm said.
 */
export async function installedPackage(pinned: PinnedPackage, signal: AbortSignal): Promise<string> {
  const folder = join(cacheFolder(process.env), 'bench-peers', `${pinned.name}@${pinned.version}`)
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`
    await mkdir(draft, { recursive: true })
    try {
      await npmInstall(draft, pinned, signal)
      await rename(draft, folder)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  }
  return join(folder, 'node_modules', pinned.name)
}
