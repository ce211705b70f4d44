import { existsSync, type FSWatcher, realpathSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { keepUsable } from './keep-usable.ts'
import type { ServerConfiguration } from './server-configuration.ts'

/** What is watched, and who is told. */
export interface ConfigurationWatchOptions {
  /** The files that make the configuration, absolute; they need not exist. */
  readonly paths: readonly string[]
  /** What is in use; later changes are told by their difference to it. */
  readonly current: ServerConfiguration
  readonly load: () => Promise<ServerConfiguration>
  /** To be taken on. Not called again before it has resolved; rejecting is a broken configuration. */
  readonly changed: (configuration: ServerConfiguration) => Promise<void>
  /** The files cannot be used, or the entries of some servers: why, and what stays as it was. Told once for each reason. */
  readonly broken: (error: ServiceError) => void
  /** They can be used again, after they could not. */
  readonly mended: () => void
  /** A folder cannot be watched, as when there are as many watchers as the system allows; told once for each. */
  readonly unwatched: (folder: string, cause: unknown) => void
  /** Watches a folder; that of `node:fs` unless said otherwise. */
  readonly watch?: typeof watch
}

// An editor writes in several steps; this long nothing happens before the file is read.
const QUIET_MS = 100
// A file that is broken or gone may be half-written, and one that has lost servers too: half of a YAML or TOML file mostly means
// something. It is read again before anybody is told.
const SECOND_LOOK_MS = 400

/**
 * Watches a configuration, each file by its folder, as a file that is replaced is another one; one that is reached through links also by
 * the folder where it lies. Keeps no process alive.
 */
export class ConfigurationWatch implements Disposable {
  readonly #options: ConfigurationWatchOptions
  /** Undefined for a folder that cannot be watched. */
  readonly #folders = new Map<string, FSWatcher | undefined>()
  #current: ServerConfiguration
  #told: string | undefined
  /** Which files they were when something was last heard of them. */
  #seen: string
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #wasTouched = false
  #isOver = false

  constructor(options: ConfigurationWatchOptions) {
    this.#options = options
    this.#current = options.current
    this.#seen = this.#identity()
    this.#watchFolders()
    // They may have changed since what is in use was read.
    this.#lookIn(QUIET_MS, false)
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    for (const watcher of this.#folders.values()) watcher?.close()
  }

  #watchFolders(): void {
    const wanted = this.#wantedFolders()
    for (const [folder, watcher] of this.#folders) {
      if (wanted.has(folder)) continue
      watcher?.close()
      this.#folders.delete(folder)
    }
    for (const folder of wanted) {
      if (!this.#folders.has(folder)) this.#folders.set(folder, this.#watchFolder(folder))
    }
    // Of a folder that was made just before the one above it was watched nothing is heard.
    if (!isDeepStrictEqual(this.#wantedFolders(), wanted)) this.#watchFolders()
  }

  #wantedFolders(): Set<string> {
    return new Set(this.#options.paths.flatMap((path) => [nearestFolder(path), nearestFolder(targetOf(path))]))
  }

  #watchFolder(folder: string): FSWatcher | undefined {
    const { watch: watchFolder = watch, unwatched } = this.#options
    try {
      const watcher = watchFolder(folder, { persistent: false }, () => this.#touched())
      return watcher.on('error', () => this.#forget(folder))
    } catch (cause) {
      unwatched(folder, cause)
      return undefined
    }
  }

  #forget(folder: string): void {
    this.#folders.get(folder)?.close()
    this.#folders.delete(folder)
    this.#lookIn(QUIET_MS, false)
  }

  // A folder may hold a log that is written many times a second, for which no look must be put off.
  #touched(): void {
    this.#watchFolders()
    const identity = this.#identity()
    if (identity === this.#seen) return
    this.#seen = identity
    this.#lookIn(QUIET_MS, false)
  }

  #identity(): string {
    return this.#options.paths.map(identityOf).join()
  }

  #lookIn(delayMs: number, isSecondLook: boolean): void {
    if (this.#isOver) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(isSecondLook), delayMs).unref()
  }

  async #look(isSecondLook: boolean): Promise<void> {
    if (this.#isLooking) {
      this.#wasTouched = true
      return
    }
    this.#isLooking = true
    try {
      this.#watchFolders()
      const loaded = await this.#load()
      if (!isSecondLook && this.#hasLostServers(loaded)) this.#lookIn(SECOND_LOOK_MS, true)
      else await this.#takeOn(loaded)
    } catch (thrown) {
      if (isSecondLook) this.#tell(asUnusable(thrown))
      else this.#lookIn(SECOND_LOOK_MS, true)
    } finally {
      this.#isLooking = false
    }
    if (this.#wasTouched) this.#lookIn(QUIET_MS, false)
    this.#wasTouched = false
  }

  async #load(): Promise<ServerConfiguration> {
    const loaded = await this.#options.load()
    if (loaded.exists || !this.#current.exists) return loaded
    throw new ServiceError('invalid_configuration', `The configuration ${loaded.path} is gone.`)
  }

  #hasLostServers({ servers }: ServerConfiguration): boolean {
    const names = new Set(servers.map(({ name }) => name))
    return this.#current.servers.some(({ name }) => !names.has(name))
  }

  async #takeOn(loaded: ServerConfiguration): Promise<void> {
    if (this.#isOver) return
    const { configuration, problem } = keepUsable(loaded, this.#current)
    if (!isDeepStrictEqual(configuration, this.#current)) await this.#options.changed(configuration)
    this.#current = configuration
    if (problem !== undefined) return this.#tell(problem)
    if (this.#told !== undefined) this.#options.mended()
    this.#told = undefined
  }

  #tell(error: ServiceError): void {
    if (this.#isOver || this.#told === error.message) return
    this.#told = error.message
    this.#options.broken(error)
  }
}

function asUnusable(thrown: unknown): ServiceError {
  const { code, message } = ServiceError.from(thrown)
  return new ServiceError(code, `${message}\nWhat was in use before stays so.`, { cause: thrown })
}

function nearestFolder(path: string): string {
  const folder = dirname(path)
  return folder === path || existsSync(folder) ? folder : nearestFolder(folder)
}

/** What differs where a file is another one, or where what is in its way is. */
function identityOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (cause) {
    return String(cause)
  }
}

function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
