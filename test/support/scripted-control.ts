import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerStatus, Status } from '../../shared/contracts/server-status.ts'
import type { ErrorCode } from '../../shared/errors/error-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerControl } from '../../worker-service/control/worker-control.ts'
import type { PoolCall } from '../../worker-service/server-pool/server-pool.ts'
import type { ToolDefinition } from '../../worker-service/tool-catalog/tool-catalog.ts'

/** A result that no reader of JSON gives back as it is. */
export const LOSSLESS = '{"content":[],"n":12345678901234567890,"n":1.0,"é":"\\u00e9 \\ud800"}'
export const TOOLS = [
  { name: 'echo', title: 'Echo', description: 'Says it.', inputSchema: { type: 'object' }, x: [1, null] },
]

const ROW: ServerStatus = {
  name: 'a',
  state: 'ready',
  since: '2026-11-28T20:00:00.123Z',
  why: 'it is used.',
  next: 'It stops when it is idle.',
  pid: 77,
  instances: 1,
  clients: 2,
  max_clients: 5,
  in_flight: 1,
  calls: 5_000_000_000,
  restarts: 3,
  last_used: '2026-11-28T20:00:01.456Z',
  memory_mb: 70.25,
  withheld: [{ tool: 'bad', reason: 'its schema is broken' }],
  tools_changed: { changed: ['echo'], added: [], removed: ['gone'] },
  hidden_characters: ['odd'],
}
const NEW: ServerStatus = {
  ...ROW,
  name: 'new',
  state: 'cold',
  pid: null,
  last_used: null,
  memory_mb: null,
  withheld: [],
  tools_changed: null,
  hidden_characters: [],
}
const STATUS: Status = {
  service: {
    version: '1.2.3',
    pid: 7,
    uptime_s: 90,
    config_path: '/etc/mcp.json',
    config_problem: null,
    isolation: 'guardian',
    counts: { servers: 2, running: 1, clients: 2, in_flight: 1 },
  },
  servers: [ROW, NEW],
}

const FAILED = {
  content: [
    { type: 'text', text: 'No such file.' },
    { type: 'image', data: '' },
    { type: 'text', text: 'And no folder.' },
  ],
  isError: true,
}

/** Servers that do as the names of their tools say. `a` is there, `busy` is at its limit, any other is not known. */
export class ScriptedControl {
  /** What execute was asked, and why it was aborted. */
  readonly asked: unknown[] = []
  /** How many calls wait to be aborted. */
  waiting = 0

  /** What is asked of servers, as a worker's faces ask it. */
  readonly servers: Partial<ServerControl> = {
    status: () => STATUS,
    row: known,
    start: async (server) => ({ ...known(server), why: 'it was started.' }),
    stop: async (server) => ({ ...known(server), state: 'cold' }),
    restart: async (server) => ({ ...known(server), restarts: 4 }),
    acceptTools: async (server) => ({ ...known(server), tools_changed: null }),
    lastLines: async (server, count) => [`${count} lines of ${known(server).name}`, '\u001b[31mred'],
    followLines: (server, count, signal) => follow(known(server), count, signal),
    maxMessageBytes: () => 10_000,
    execute: (server, call, signal) => this.#execute(server, call, signal),
  }

  readonly toolsOf = (server: string): ToolDefinition[] => (known(server) === ROW ? TOOLS : [])

  async #execute(server: string, call: PoolCall, signal: AbortSignal): Promise<Buffer> {
    const { tool } = call
    known(server)
    this.asked.push({ server, tool, arguments: call.arguments.toString() })
    if (tool.startsWith('fails ')) throw errorOf(tool.slice(6) as ErrorCode)
    if (tool === 'breaks') throw new TypeError('A secret of ours.')
    if (tool === 'takes a while') await sleep(200)
    if (tool === 'waits') await this.#untilAborted(signal)
    if (tool === 'goes on') {
      call.progressed?.({ progressToken: 9, progress: 1, total: 3 })
      await sleep(1)
      call.progressed?.({ progressToken: 9, progress: 2.5, message: 'half' })
    }
    if (tool === 'errs') return Buffer.from(JSON.stringify(FAILED))
    return Buffer.from(LOSSLESS)
  }

  async #untilAborted(signal: AbortSignal): Promise<never> {
    this.waiting++
    if (!signal.aborted) await once(signal, 'abort')
    this.waiting--
    this.asked.push(ServiceError.from(signal.reason).code)
    throw signal.reason
  }
}

function known(server: string): ServerStatus {
  if (server === 'a') return ROW
  if (server === 'busy') throw new ServiceError('overloaded', 'It is at its limit.', { retryAfterMs: 1_500 })
  throw new ServiceError('unknown_server', `There is no server "${server}".`, { details: { did_you_mean: ['a'] } })
}

function errorOf(code: ErrorCode): ServiceError {
  const options = code === 'overloaded' ? { retryAfterMs: 250, details: { limit: 5 } } : {}
  return new ServiceError(code, `It ended with ${code}, “so”.`, options)
}

async function* follow({ name }: ServerStatus, count: number, signal: AbortSignal): AsyncGenerator<string[], void> {
  yield [`${count} lines of ${name}`, 'another']
  yield ['and more']
  if (!signal.aborted) await once(signal, 'abort')
}
