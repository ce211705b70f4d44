import { join } from 'node:path'
import { loadCompiledProgram } from '../shared/files/compiled-program.ts'
import { cacheFolder } from '../shared/folders.ts'

const PROGRAM = join(import.meta.dirname, '../dist/one-shot-program.cjs')

/** Runs the one-shot as it was compiled by one before it. */
export async function main(): Promise<void> {
  const codeFolder = join(cacheFolder(process.env), 'code')
  const { exports, keep } = loadCompiledProgram<typeof import('./one-shot.ts')>(PROGRAM, codeFolder)
  const { use, hasWrittenAll } = await exports.main()
  // What a failure has compiled is not what the next one needs.
  if (process.exitCode === 0) await keep(use)
  // To take the process apart would cost a twentieth of its whole life. Where a reader is slow it ends by itself when all is written.
  if (hasWrittenAll) process.exit()
}
