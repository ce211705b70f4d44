import { open, readdir, readFile, stat } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { isJsonObject } from '../../../shared/json-object.ts'
import type { RunnerEntry } from './package-runner.ts'
import type { Program } from './start-child.ts'

const NODE_SCRIPT = /^#! ?\/usr\/bin\/env node\s*$/

/** Where a runner looks for a package: the folder it runs in, and the variables that say where its cache is. */
export interface RunnerPlace {
  cwd: string | undefined
  environment: Readonly<Record<string, string | undefined>>
}

/** The program that `npx` starts for an entry: of a package installed around its folder, else of npx's own cache. Undefined where it is in neither. */
export async function findNpxProgram(entry: RunnerEntry, place: RunnerPlace): Promise<Program | undefined> {
  const modules = (await findLocalModules(entry, place)) ?? (await findCachedModules(entry, place))
  if (modules === undefined) return undefined
  const file = await findBin(modules, entry)
  if (file === undefined) return undefined
  const PATH = [join(modules, '.bin'), place.environment.PATH].filter(Boolean).join(delimiter)
  const isScript = NODE_SCRIPT.test(await firstLine(file))
  return isScript
    ? { command: 'node', args: [file, ...entry.args], variables: { PATH } }
    : { command: file, args: entry.args, variables: { PATH } }
}

// Only where no range has to be understood: npx would look further for one that does not match.
async function findLocalModules(entry: RunnerEntry, { cwd }: RunnerPlace): Promise<string | undefined> {
  if (entry.spec !== entry.packageName && entry.exactVersion === undefined) return undefined
  for (let folder = resolve(cwd ?? '.'); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    const manifest = await readJson(join(modules, entry.packageName, 'package.json'))
    if (manifest !== undefined) return matches(manifest, entry) ? modules : undefined
    if (folder === dirname(folder)) return undefined
  }
}

async function findCachedModules(entry: RunnerEntry, { environment }: RunnerPlace): Promise<string | undefined> {
  const { npm_config_cache, NPM_CONFIG_CACHE, HOME } = environment
  const cache = npm_config_cache ?? NPM_CONFIG_CACHE ?? (HOME === undefined ? undefined : join(HOME, '.npm'))
  if (cache === undefined) return undefined
  for (const name of await readdir(join(cache, '_npx')).catch(() => [])) {
    const folder = join(cache, '_npx', name)
    const manifest = await readJson(join(folder, 'package.json'))
    const { _npx: made } = manifest ?? {}
    const packages = isJsonObject(made) ? made.packages : undefined
    if (Array.isArray(packages) && packages.length === 1 && packages[0] === entry.spec) {
      const modules = join(folder, 'node_modules')
      const installed = await readJson(join(modules, entry.packageName, 'package.json'))
      if (installed !== undefined && matches(installed, entry)) return modules
    }
  }
  return undefined
}

function matches({ version }: Record<string, unknown>, { exactVersion }: RunnerEntry): boolean {
  return exactVersion === undefined || version === exactVersion
}

async function findBin(modules: string, entry: RunnerEntry): Promise<string | undefined> {
  const folder = join(modules, entry.packageName)
  const manifest = await readJson(join(folder, 'package.json'))
  const bins = manifest === undefined ? {} : toBins(manifest.bin, entry)
  const target = entry.bin === undefined ? mainBin(bins, entry) : bins[entry.bin]
  if (target === undefined) return undefined
  const file = join(folder, target)
  return (await isFile(file)) ? file : undefined
}

function toBins(bin: unknown, entry: RunnerEntry): Record<string, string> {
  if (typeof bin === 'string') return { [unscoped(entry)]: bin }
  if (!isJsonObject(bin)) return {}
  return Object.fromEntries(Object.entries(bin).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

// The choice that npx makes: the only one, else the one named as the package.
function mainBin(bins: Record<string, string>, entry: RunnerEntry): string | undefined {
  const targets = new Set(Object.values(bins))
  return targets.size === 1 ? [...targets][0] : bins[unscoped(entry)]
}

function unscoped({ packageName }: RunnerEntry): string {
  return packageName.replace(/^@[^/]+\//, '')
}

async function firstLine(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256)
    return buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? ''
  } finally {
    await handle.close()
  }
}

async function readJson(file: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  )
}
