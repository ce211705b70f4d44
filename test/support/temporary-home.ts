import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A user's home of its own for programs under test: configuration, state, cache and runtime folders, removed at the end. */
export interface TemporaryHome extends AsyncDisposable {
  path: string
  /** What a program needs in its environment to live there, and nothing of the surrounding one but the `PATH`. */
  variables: Readonly<Record<string, string>>
}

/** Makes an empty home in the temporary folder, closed to other users. `searchPath` is the `PATH` of the programs in it. */
export async function createTemporaryHome(searchPath: string): Promise<TemporaryHome> {
  const path = await mkdtemp(join(tmpdir(), 'pilotlight-home-'))
  return {
    path,
    variables: {
      PATH: searchPath,
      HOME: path,
      XDG_CONFIG_HOME: join(path, 'config'),
      XDG_STATE_HOME: join(path, 'state'),
      XDG_CACHE_HOME: join(path, 'cache'),
      XDG_RUNTIME_DIR: path,
      // A worker that nobody awaits would outlive the home.
      WORKER_AUTO_START: 'false',
    },
    // A program that was killed a moment ago may have been writing.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  }
}
