import { join } from 'node:path'
import { cacheFolder, type Variables } from '../folders.ts'
import { ensurePrivateFolder } from './private-folder.ts'

/**
 * The folder where Node keeps compiled code, made where there is none; undefined where it cannot be had or others could put something
 * there, since Node runs what lies in it unseen.
 */
export function compileCacheFolder(variables: Variables): string | undefined {
  const folder = join(cacheFolder(variables), 'compile-cache')
  try {
    ensurePrivateFolder(folder)
    return folder
  } catch {
    return undefined
  }
}

/** What has Node keep compiled code for the next program that is started with it; a tenth of a start. */
export function compileCache(variables: Variables): { NODE_COMPILE_CACHE?: string } {
  const folder = compileCacheFolder(variables)
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}
