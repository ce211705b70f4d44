import { dirname } from 'node:path'
import { writePrivateFile } from './atomic-file.ts'
import { toCopies } from './copies.ts'
import { ensurePrivateFolder } from './private-folder.ts'

/**
 * Keeps compiled code under a key that says what it was compiled from. Twice, because V8 runs whatever it is given: code that was damaged
 * would end every process that loads it, and to compare two copies is the only check that takes no time beside a start. Never rejects.
 */
export async function keepCode(path: string, key: string, code: Buffer): Promise<void> {
  try {
    ensurePrivateFolder(dirname(path))
    await writePrivateFile(path, Buffer.concat([Buffer.from(key), toCopies(code)]), { durable: true })
  } catch {
    // The next process compiles it again.
  }
}
