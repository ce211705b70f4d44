import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensurePrivateFolder } from '../../../shared/files/private-folder.ts'
import type { CommandLine } from './isolation.ts'
import { identify, isAlive, type ProcessIdentity } from './process-table.ts'

const OWNER_FILE = 'worker'
const CONTAINER_SUFFIX = '.container'

/** Which worker a folder of records is of. Process numbers mean something in one boot and one process namespace only. */
interface Owner extends ProcessIdentity {
  boot: string
  namespace: string
}

/** A container of a child: the engine's command up to `run`, and the file that the engine writes its id to. */
export interface ContainerRecord {
  engine: CommandLine
  cidFile: string
}

/** What is known of the children of a worker that is gone. */
export interface Leftovers {
  folder: string
  /** What its children carry in their environment. */
  marker: string
  owner: ProcessIdentity
  children: ProcessIdentity[]
  containers: ContainerRecord[]
}

/** A new marker. Nobody can guess it. */
export function createMarker(): string {
  return `${process.pid}-${randomBytes(16).toString('hex')}`
}

/**
 * The children of this process, as the next worker finds them should this one be killed: a folder named by the marker that they carry,
 * with a file for each, its number for a name and its start time in it.
 */
export class ChildRecords implements AsyncDisposable {
  /** What children carry in their environment to be known as ours. */
  readonly marker: string
  readonly #folder: string
  #nextContainer = 1

  private constructor(folder: string, marker: string) {
    this.#folder = folder
    this.marker = marker
  }

  /** Makes the folder below `parent`, which is made private (0700) if it is not there. */
  static async open(parent: string): Promise<ChildRecords> {
    const marker = createMarker()
    ensurePrivateFolder(parent)
    const folder = join(parent, marker)
    await mkdir(folder, { mode: 0o700 })
    const self = identify(process.pid) ?? { pid: process.pid, startedAt: '' }
    const owner: Owner = { ...self, ...currentPlace() }
    await writeFile(join(folder, OWNER_FILE), JSON.stringify(owner), { mode: 0o600 })
    return new ChildRecords(folder, marker)
  }

  /** Records a child. Not being able to is no reason to stop it: its marker alone finds it too. */
  add({ pid, startedAt }: ProcessIdentity): void {
    this.#write(String(pid), startedAt)
  }

  remove(pid: number): void {
    rmSync(join(this.#folder, String(pid)), { force: true })
  }

  /** A path where an engine can write the id of a new container. */
  newCidFile(): string {
    return join(this.#folder, `${this.#nextContainer++}.cid`)
  }

  /** Records a container, until disposed. */
  addContainer(container: ContainerRecord): Disposable {
    const name = `${this.#nextContainer++}${CONTAINER_SUFFIX}`
    this.#write(name, JSON.stringify(container))
    return { [Symbol.dispose]: () => rmSync(join(this.#folder, name), { force: true }) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  // At once, so that no moment is left in which the child is there and its record is not. The folder lies in memory.
  #write(name: string, text: string): void {
    try {
      writeFileSync(join(this.#folder, name), text, { mode: 0o600 })
    } catch {
      // Full, or removed by somebody.
    }
  }
}

/** What workers that are gone left on record below `parent`. Records of living ones, and of other machines, are left alone. */
export async function readLeftovers(parent: string): Promise<Leftovers[]> {
  const markers = await readdir(parent).catch(() => [])
  const found = await Promise.all(markers.map((marker) => readFolder(join(parent, marker), marker)))
  return found.filter((leftovers) => leftovers !== undefined)
}

async function readFolder(folder: string, marker: string): Promise<Leftovers | undefined> {
  const owner = await readOwner(folder)
  if (owner === undefined) return undefined
  const { boot, namespace } = currentPlace()
  const isSameBoot = owner.boot === boot
  if (isSameBoot && (owner.namespace !== namespace || isAlive(owner))) return undefined
  const names = await readdir(folder)
  // After a restart of the machine the numbers are anybody's.
  const children = isSameBoot ? await readChildren(folder, names) : []
  const containers = names
    .filter((name) => name.endsWith(CONTAINER_SUFFIX))
    .map((name) => readContainer(join(folder, name)))
  return { folder, marker, owner, children, containers: (await Promise.all(containers)).flat() }
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    const owner: Partial<Owner> = JSON.parse(await readFile(join(folder, OWNER_FILE), 'utf8'))
    const { pid, startedAt, boot, namespace } = owner
    if (typeof pid !== 'number' || typeof startedAt !== 'string') return undefined
    if (typeof boot !== 'string' || typeof namespace !== 'string') return undefined
    return { pid, startedAt, boot, namespace }
  } catch {
    return undefined
  }
}

async function readChildren(folder: string, names: readonly string[]): Promise<ProcessIdentity[]> {
  const pids = names.filter((name) => /^[1-9]\d{0,9}$/.test(name))
  return Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      startedAt: await readFile(join(folder, pid), 'utf8').catch(() => ''),
    })),
  )
}

async function readContainer(file: string): Promise<ContainerRecord[]> {
  try {
    const { engine, cidFile }: Partial<ContainerRecord> = JSON.parse(await readFile(file, 'utf8'))
    if (typeof cidFile !== 'string' || typeof engine?.command !== 'string' || !Array.isArray(engine.args)) return []
    return [{ engine: { command: engine.command, args: engine.args.map(String) }, cidFile }]
  } catch {
    return []
  }
}

function currentPlace(): Pick<Owner, 'boot' | 'namespace'> {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return { boot, namespace: readlinkSync('/proc/self/ns/pid') }
  } catch {
    return { boot: '', namespace: '' }
  }
}
