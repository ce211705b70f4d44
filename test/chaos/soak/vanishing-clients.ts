import { setTimeout as sleep } from 'node:timers/promises'
import { LineClient } from '../../support/line-client.ts'

const AT_ONCE = 10

/** What a client has done when it vanishes. */
const VANISHINGS: ReadonlyArray<(client: LineClient) => unknown> = [
  () => {},
  (client) => client.write('{"jsonrpc":"2.0","id":1,"meth'),
  (client) => void client.hello(),
  (client) => client.hello(),
  async (client) => {
    await client.hello()
    void client.call('sleep', { ms: 50 })
    await sleep(5)
  },
  async (client) => {
    await client.hello()
    void client.call('pid')
    client.socket.end()
    await client.ended
  },
]

/** So many clients connect to these sockets (of `counting`), some at once, and vanish at any moment of a session. */
export async function vanishAll(sockets: readonly string[], clients: number, random: () => number): Promise<void> {
  let left = clients
  const vanishOn = async () => {
    while (left-- > 0) {
      using client = new LineClient(pick(sockets, random))
      await pick(VANISHINGS, random)(client)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, vanishOn))
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T
}
