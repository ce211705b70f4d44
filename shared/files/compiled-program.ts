import { closeSync, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { fingerprint } from '../fingerprint.ts'
import { fromCopies } from './copies.ts'

/** A program that was loaded. */
export interface CompiledProgram<Exports> {
  exports: Exports
  /**
   * Keeps what V8 has compiled of it by now, unless it was kept already by one that was put to the same use (a bit for each, 6 of them).
   * Never rejects: where it cannot be kept, the next process compiles it again.
   */
  keep: (use?: number) => Promise<void>
}

/** Code that was kept, and the uses that it was compiled in. */
interface KeptCode {
  code: Uint8Array
  uses: number
}

type Scope = [exports: unknown, require: (id: string) => unknown, module: object, __filename: string, __dirname: string]

const KEY_LENGTH = 16
const FIRST_MARK = 0x30
// Group and others.
const MAY_WRITE = 0o022

/**
 * Loads a bundled CommonJS program with what V8 has compiled of it before, kept in `folder`. Node's own compile cache keeps a
 * program as it is when nothing of it has run yet; this one has every function that was called, so that nothing is left to compile.
 */
export function loadCompiledProgram<Exports>(path: string, folder: string): CompiledProgram<Exports> {
  const { source, key } = readProgram(path)
  const codePath = join(folder, `${basename(path, '.cjs')}-${fingerprint(path)}`)
  const kept = readCode(codePath, key)
  const cachedData = kept?.code
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`
  const script = new Script(wrapped, { filename: path, ...(cachedData === undefined ? {} : { cachedData }) })
  const module = { exports: {} as Exports }
  const run = script.runInThisContext() as (...scope: Scope) => void
  run(module.exports, requireFor(path), module, path, dirname(path))
  return {
    exports: module.exports,
    keep: async (use = 0) => {
      const uses = kept === undefined || script.cachedDataRejected === true ? undefined : kept.uses
      if (uses !== undefined && (uses & use) === use) return
      // What was loaded is in it again.
      const code = script.createCachedData()
      await (await import('./keep-code.ts')).keepCode(codePath, key + toMark((uses ?? 0) | use), code)
    },
  }
}

// To make a whole `require` takes a fiftieth of starting Node. A program mostly asks for Node's own modules alone.
function requireFor(path: string): (id: string) => unknown {
  return (id) => process.getBuiltinModule(id) ?? createRequire(path)(id)
}

// V8 tells sources apart by their length alone. Whether the file is still the same is for us to find out.
function readProgram(path: string): { source: string; key: string } {
  const file = openSync(path, 'r')
  try {
    const { size, ino, mtimeMs, ctimeMs } = fstatSync(file)
    const key = fingerprint([size, ino, mtimeMs, ctimeMs, process.version, process.arch].join())
    return { source: readFileSync(file, 'utf8'), key }
  } finally {
    closeSync(file)
  }
}

function readCode(path: string, key: string): KeptCode | undefined {
  try {
    // It will be run: nobody else may have written it.
    if (!isOurs(lstatSync(dirname(path)))) return undefined
    const bytes = readFileSync(path)
    if (bytes.toString('latin1', 0, KEY_LENGTH) !== key) return undefined
    const code = fromCopies(bytes.subarray(KEY_LENGTH + 1))
    return code && { code, uses: (bytes[KEY_LENGTH] ?? 0) - FIRST_MARK }
  } catch {
    return undefined
  }
}

function toMark(uses: number): string {
  return String.fromCharCode(FIRST_MARK + uses)
}

function isOurs({ uid, mode }: Stats): boolean {
  return uid === process.getuid?.() && (mode & MAY_WRITE) === 0
}
