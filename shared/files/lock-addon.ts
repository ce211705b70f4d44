import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '../errors/system-code.ts'

/** Locks a byte of an open file for that file alone; false where another holds it. Closing the file unlocks. */
export type TryLock = (fd: number, byte: number) => boolean

/** What the native module of fs-native-extensions exports, below what its package wraps it in. */
interface Addon {
  /** Throws `EAGAIN` where another holds any of the bytes. */
  tryLock(fd: number, offset: number, length: number, exclusive: boolean): void
}

const PACKAGE = 'fs-native-extensions'
let loaded: TryLock | undefined

/** Loads what takes locks from the kernel. */
export async function loadTryLock(): Promise<TryLock> {
  loaded ??= fromPrebuilt() ?? (await fromPackage())
  return loaded
}

// The package looks for its module in a dozen places, with four packages more; of all that a one-shot does that took a fifth. To have Node
// look for the package takes twice as long as to load the module.
function fromPrebuilt(): TryLock | undefined {
  const path = findAbove(
    import.meta.dirname,
    join('node_modules', PACKAGE, 'prebuilds', `${process.platform}-${process.arch}`, `${PACKAGE}.node`),
  )
  if (path === undefined) return undefined
  try {
    const module = { exports: {} as Addon }
    process.dlopen(module, path)
    const { exports: addon } = module
    return (fd, byte) => tryWith(addon, fd, byte)
  } catch {
    return undefined
  }
}

function findAbove(folder: string, path: string): string | undefined {
  const here = join(folder, path)
  if (existsSync(here)) return here
  const above = dirname(folder)
  return above === folder ? undefined : findAbove(above, path)
}

function tryWith(addon: Addon, fd: number, byte: number): boolean {
  try {
    addon.tryLock(fd, byte, 1, true)
    return true
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'EAGAIN') return false
    throw thrown
  }
}

async function fromPackage(): Promise<TryLock> {
  const { tryLock } = await import('fs-native-extensions')
  return (fd, byte) => tryLock(fd, byte, 1)
}
