import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LineClient } from '../../support/line-client.ts'
import { Program } from '../../support/program.ts'
import { openSdkClient } from './sdk-client.ts'

interface Server {
  readonly command: string
  readonly args: readonly string[]
}

/** A program that passes bytes on between sockets and as many servers, one client each. */
export class ByteRelay implements AsyncDisposable {
  /** Of the sockets. */
  readonly paths: readonly string[]
  readonly pid: number
  readonly #owned: AsyncDisposableStack

  private constructor(paths: readonly string[], pid: number, owned: AsyncDisposableStack) {
    this.paths = paths
    this.pid = pid
    this.#owned = owned
  }

  static async start({ command, args }: Server, servers: number): Promise<ByteRelay> {
    await using stack = new AsyncDisposableStack()
    const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'relay-')))
    const paths = Array.from({ length: servers }, (_, index) => join(folder.path, `${index}.sock`))
    const stderrPath = join(folder.path, 'relay.log')
    const all = [join(import.meta.dirname, 'byte-relay.ts'), ...paths, '--', command, ...args]
    const { stdout, pid } = stack.use(new Program({ args: all, variables: {}, stderrPath }))
    await once(stdout, 'data')
    return new ByteRelay(paths, pid, stack.move())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync()
  }
}

/** Clients of two copies of a server behind a byte relay: one on its socket, and an official one behind a byte shim. */
export async function openRelayed(server: Server) {
  await using stack = new AsyncDisposableStack()
  const [forBare = '', forShim = ''] = stack.use(await ByteRelay.start(server, 2)).paths
  const bare = stack.use(await LineClient.open(forBare))
  const args = [join(import.meta.dirname, 'byte-shim.ts'), forShim]
  const { client: official } = await openSdkClient({ command: process.execPath, args, env: {} })
  stack.defer(() => official.close())
  const owned = stack.move()
  return { bare, official, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
