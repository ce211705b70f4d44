import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'

// What a platform takes where there is no PATH.
const USUAL_PATH = '/usr/bin:/bin'

/** Where a command is looked for, as `execvp` does: a folder for relative paths, and the value of PATH for names. */
export interface SearchPath {
  cwd: string | undefined
  path: string | undefined
}

/** The file that a command stands for. Throws an error with code `ENOENT` or `EACCES`, as starting it would. */
export async function findProgram(command: string, { cwd, path }: SearchPath): Promise<string> {
  const folder = cwd ?? '.'
  const places = command.includes('/') ? [''] : (path ?? USUAL_PATH).split(delimiter)
  let code = 'ENOENT'
  for (const place of places) {
    const file = resolve(folder, join(place, command))
    const found = await examine(file)
    if (found === 'program') return file
    if (found === 'file') code = 'EACCES'
  }
  throw Object.assign(new Error(`${code}: cannot run ${command}`), { code })
}

async function examine(file: string): Promise<'program' | 'file' | 'nothing'> {
  try {
    const found = await stat(file)
    if (!found.isFile()) return 'file'
    return await access(file, constants.X_OK).then(
      () => 'program',
      () => 'file',
    )
  } catch {
    return 'nothing'
  }
}
