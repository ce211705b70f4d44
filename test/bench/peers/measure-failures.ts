import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { proportionalBytes } from '../../support/process-memory.ts'
import { commandOf, processesMentioning } from '../../support/processes.ts'
import { reasonOf } from '../reason-of.ts'
import type { MeasureOptions } from '../section.ts'
import { type Gateway, type GatewayKind, OUR_GATEWAYS, peerGateway, STAYING_SERVER } from './gateways.ts'
import { PEERS } from './peers.ts'

/** What becomes of clients and servers when something between them dies, and what it takes to stand there. */
export interface GatewayResults {
  /** Milliseconds from the death of the server to the next answer, for the client that was there and for one that comes anew; undefined where none came. */
  readonly sameClient: number | undefined
  readonly newClient: number | undefined
  /** Servers that live on when the gateway was killed. */
  readonly left: number
  /** Bytes (PSS) of all but the servers, where there are {@link MANY_SERVERS}. */
  readonly memoryBytes: number
}

export const MANY_SERVERS = 10
const CALL_TIMEOUT_MS = 2_000
const WAY_BACK_DEADLINE_MS = 10_000
const RETRY_MS = 20
const LEFT_AFTER_MS = 2_000

/** Measures each gateway; `failures` are those that could not be, by title, and why. */
export async function measureFailures(
  { say }: Pick<MeasureOptions, 'say'>,
  signal: AbortSignal,
): Promise<{ results: Record<string, GatewayResults>; failures: Map<string, string> }> {
  const results: Record<string, GatewayResults> = {}
  const failures = new Map<string, string>()
  // One that stands in front of servers elsewhere starts none, and none of its own can die.
  const peers = PEERS.filter(({ startsServer }) => startsServer).map(peerGateway)
  for (const kind of [...OUR_GATEWAYS, ...peers]) {
    say(`${kind.title}: what becomes of it`)
    try {
      const ways = await measureWaysBack(kind, signal)
      const left = await countLeft(kind, signal)
      results[kind.title] = { ...ways, left, memoryBytes: await measureMemory(kind, signal) }
    } catch (thrown) {
      signal.throwIfAborted()
      failures.set(kind.title, reasonOf(thrown))
    }
  }
  return { results, failures }
}

/** The server is killed. */
async function measureWaysBack(kind: GatewayKind, signal: AbortSignal) {
  await using gateway = await openAlone(kind, 1, signal)
  const [client] = gateway.clients
  if (client === undefined) throw new Error('There is no client.')
  const call = await callerOf(client)
  await call()
  killServers(gateway)
  const killedAt = performance.now()
  const sameClient = await untilAnswered(call, killedAt, signal)
  if (sameClient !== undefined) return { sameClient, newClient: sameClient }
  const anew = async () => (await callerOf(await gateway.connectAgain()))()
  return { sameClient, newClient: await untilAnswered(anew, performance.now(), signal) }
}

/** The gateway is killed. */
async function countLeft(kind: GatewayKind, signal: AbortSignal): Promise<number> {
  await using gateway = await openAlone(kind, 1, signal)
  for (const pid of gateway.pids) process.kill(pid, 'SIGKILL')
  await sleep(LEFT_AFTER_MS, undefined, { signal })
  return serversOf(gateway).length
}

async function measureMemory(kind: GatewayKind, signal: AbortSignal): Promise<number> {
  await using gateway = await openAlone(kind, MANY_SERVERS, signal)
  for (const client of gateway.clients) await (await callerOf(client))()
  const servers = new Set(serversOf(gateway))
  const others = processesMentioning(gateway.mark).filter((pid) => !servers.has(pid))
  return others.reduce((sum, pid) => sum + (proportionalBytes(pid) ?? 0), 0)
}

/** Opens a gateway of which no server is left when it was disposed. */
async function openAlone(kind: GatewayKind, servers: number, signal: AbortSignal): Promise<Gateway> {
  const gateway = await kind.open(servers, signal)
  return {
    ...gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      killServers(gateway)
    },
  }
}

/** Calls the server's tool under the name that the gateway gives it. Rejects where there is no good answer in time. */
async function callerOf(client: Client): Promise<() => Promise<void>> {
  const options = { timeout: CALL_TIMEOUT_MS }
  const { tools } = await client.listTools(undefined, options)
  const name = tools.find((tool) => tool.name.endsWith('text'))?.name ?? 'text'
  return async () => {
    const { isError, content } = await client.callTool({ name, arguments: { length: 1 } }, undefined, options)
    if (isError === true) throw new Error(JSON.stringify(content))
  }
}

async function untilAnswered(
  call: () => Promise<void>,
  since: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  while (performance.now() - since < WAY_BACK_DEADLINE_MS) {
    signal.throwIfAborted()
    const isAnswered = await call().then(
      () => true,
      () => false,
    )
    if (isAnswered) return performance.now() - since
    await sleep(RETRY_MS, undefined, { signal })
  }
  return undefined
}

function killServers(gateway: Gateway): void {
  for (const pid of serversOf(gateway)) process.kill(pid, 'SIGKILL')
}

function serversOf({ mark }: Gateway): number[] {
  const command = [STAYING_SERVER.command, ...STAYING_SERVER.args].join(' ')
  return processesMentioning(mark).filter((pid) => commandOf(pid) === command)
}
