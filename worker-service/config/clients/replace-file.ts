import { realpath, stat } from 'node:fs/promises'
import { writePrivateFile } from '../../../shared/files/atomic-file.ts'

/** Replaces the content of a file of somebody's at once, through links and with the permissions that it has (0600 for a new one). */
export async function replaceFile(path: string, content: string, { mode }: { mode?: number } = {}): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const found = await stat(target).catch(() => undefined)
  await writePrivateFile(target, content, {
    durable: true,
    mode: mode ?? (found === undefined ? 0o600 : found.mode & 0o777),
  })
}
