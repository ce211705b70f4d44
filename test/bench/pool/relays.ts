import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BareClient } from '../../support/bare-client.ts'
import { Program } from '../../support/program.ts'
import { type Command, openSdkClient } from './sdk-client.ts'

type Server = Pick<Command, 'command' | 'args'>

/** Clients of a server behind a byte relay: one on its socket, and an official one behind a byte shim, each with a relay of its own. */
export async function openRelayed(server: Server) {
  const stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'relays-')))
  const relay = async (name: string): Promise<string> => {
    const path = join(folder.path, `${name}.sock`)
    const args = [join(import.meta.dirname, 'byte-relay.ts'), path, server.command, ...server.args]
    const { stdout } = stack.use(new Program({ args, variables: {}, stderrPath: join(folder.path, `${name}.log`) }))
    await once(stdout, 'data')
    return path
  }
  const bare = stack.use(await BareClient.open(await relay('socket')))
  const args = [join(import.meta.dirname, 'byte-shim.ts'), await relay('shim')]
  const { client: official } = await openSdkClient({ command: process.execPath, args, env: {} })
  stack.defer(() => official.close())
  return { bare, official, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
