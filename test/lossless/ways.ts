import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Bridge } from './bridge.ts'
import { FrameEnd } from './frame-end.ts'
import type { Way } from './play-schedule.ts'

const CAPABILITIES = { sampling: { tools: {} }, elicitation: { form: {}, url: {} }, roots: { listChanged: true } }
const HELLO = JSON.stringify({
  jsonrpc: '2.0',
  id: 'hello',
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: CAPABILITIES,
    clientInfo: { name: 'raw', version: '1' },
  },
})

/** A client that has started the server itself. */
export async function openDirectly(bridge: Bridge): Promise<Way> {
  const child = spawn(bridge.command.command, bridge.command.args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  return sayHello(bridge, new FrameEnd(child.stdout, child.stdin), async () => {
    child.kill()
    await ended
  })
}

/** A client on a server's socket. */
export async function openThrough(path: string, bridge: Bridge): Promise<Way> {
  const socket = connect(path)
  await once(socket, 'connect')
  return sayHello(bridge, new FrameEnd(socket, socket), async () => {
    socket.destroy()
  })
}

async function sayHello(bridge: Bridge, client: FrameEnd, close: () => Promise<void>): Promise<Way> {
  const awaited = bridge.next()
  await client.send([HELLO])
  const { end: server, helloId } = await awaited
  return { client, server, helloId, [Symbol.asyncDispose]: close }
}
