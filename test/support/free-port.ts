import { once } from 'node:events'
import { createServer } from 'node:net'

// Below those that systems give out by themselves, which would be somebody's before whoever asked for one listens on it.
const FIRST = 10_000
const PORTS = 6_000
// More than one process asks for; so many numbers lie between two that run at once.
const PORTS_OF_A_PROCESS = 40

let asked = 0

/**
 * A port of loopback that nobody listens on and no other process of the tests is given, for programs that must be met at the same address
 * when they are started again.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = FIRST + ((process.pid * PORTS_OF_A_PROCESS + asked++) % PORTS)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    await server[Symbol.asyncDispose]()
    return true
  } catch {
    return false
  }
}
