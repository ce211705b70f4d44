import { join } from 'node:path'
import { LineClient } from '../../support/line-client.ts'
import { OwnWorker } from '../../support/own-worker.ts'
import { together } from '../together.ts'
import type { Contestant } from './measure.ts'
import { openRelayed } from './relays.ts'
import { type Command, openSdkClient } from './sdk-client.ts'

/** The ways a tool call can go; beside each of ours the same with programs that only pass bytes on, which is as near as Node comes. */
export type Path = 'direct' | 'socket' | 'relay' | 'connect' | 'shim'

/** The command of a server whose tool `text` gives as many characters as it is asked for. */
export const SERVER = { command: process.execPath, args: [join(import.meta.dirname, 'sdk-server.ts')] }

/** A worker over one server, that server once more by itself and behind relays, and a client of each way. */
export async function openStage(): Promise<AsyncDisposable & { contestants: Contestant<Path>[] }> {
  await using stack = new AsyncDisposableStack()
  const official = async (server: Command) =>
    stack.adopt((await openSdkClient(server)).client, (client) => client.close())
  const [worker, { bare: relayed, official: shimmed }, direct] = await together([
    OwnWorker.start({ mcpServers: { bench: SERVER } }).then((started) => stack.use(started)),
    openRelayed(SERVER).then((opened) => stack.use(opened)),
    official({ ...SERVER, env: {} }),
  ])
  const bare = stack.use(await LineClient.open(worker.socketOf('bench')))
  const connected = await official(worker.connect('bench'))
  const owned = stack.move()
  const called = (length: number) => ({ name: 'text', arguments: { length } })
  return {
    contestants: [
      { path: 'direct', call: (length) => direct.callTool(called(length)) },
      { path: 'socket', call: (length) => bare.ask('tools/call', called(length)) },
      { path: 'relay', call: (length) => relayed.ask('tools/call', called(length)) },
      { path: 'connect', call: (length) => connected.callTool(called(length)) },
      { path: 'shim', call: (length) => shimmed.callTool(called(length)) },
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
