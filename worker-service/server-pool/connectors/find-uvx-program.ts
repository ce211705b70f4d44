import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunnerPlace } from './find-npx-program.ts'
import type { RunnerEntry } from './package-runner.ts'
import type { Program } from './start-child.ts'

/**
 * The program that `uvx` starts for an entry: the executable in an environment that `uv tool install` made, or in the newest one in uv's
 * cache that has the package. Undefined where there is none.
 */
export async function findUvxProgram(entry: RunnerEntry, place: RunnerPlace): Promise<Program | undefined> {
  const bin = entry.bin ?? entry.packageName
  const candidates = [...(await installedTool(entry, place)), ...(await cachedEnvironments(place))]
  for (const folder of candidates) {
    const file = join(folder, 'bin', bin)
    if ((await modifiedAt(file)) > 0 && (await hasPackage(folder, entry))) return { command: file, args: entry.args }
  }
  return undefined
}

async function installedTool({ spec, packageName }: RunnerEntry, { environment }: RunnerPlace): Promise<string[]> {
  // With a version it runs an environment of its own.
  if (spec !== packageName) return []
  const { UV_TOOL_DIR, XDG_DATA_HOME, HOME = '' } = environment
  const tools = UV_TOOL_DIR ?? join(XDG_DATA_HOME ?? join(HOME, '.local/share'), 'uv/tools')
  return [join(tools, packageName)]
}

async function cachedEnvironments({ environment }: RunnerPlace): Promise<string[]> {
  const { UV_CACHE_DIR, XDG_CACHE_HOME, HOME = '' } = environment
  const cache = UV_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(HOME, '.cache'), 'uv')
  const archives = (await list(cache)).filter((name) => name.startsWith('archive-v'))
  const names = await Promise.all(
    archives.map(async (archive) => (await list(join(cache, archive))).map((id) => join(cache, archive, id))),
  )
  const dated = await Promise.all(
    names.flat().map(async (folder) => ({ folder, at: await modifiedAt(join(folder, 'pyvenv.cfg')) })),
  )
  return dated
    .filter(({ at }) => at > 0)
    .toSorted((one, other) => other.at - one.at)
    .map(({ folder }) => folder)
}

async function hasPackage(folder: string, { packageName, exactVersion }: RunnerEntry): Promise<boolean> {
  const name = normalised(packageName)
  for (const python of await list(join(folder, 'lib'))) {
    const found = (await list(join(folder, 'lib', python, 'site-packages'))).find((entry) => {
      const [distribution = '', version] = entry.replace(/\.dist-info$/, '').split('-')
      const isWanted = exactVersion === undefined || version === exactVersion
      return entry.endsWith('.dist-info') && normalised(distribution) === name && isWanted
    })
    if (found !== undefined) return true
  }
  return false
}

function normalised(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '_')
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

function modifiedAt(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.mtimeMs,
    () => 0,
  )
}
