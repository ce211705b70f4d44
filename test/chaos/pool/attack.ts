import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'

/** What a server does to its pool; with all but the second it is `hostile.cjs` alone that does it. */
export const ATTACKS = [
  'hangs',
  'never reads',
  'floods log messages',
  'floods list_changed',
  'floods stderr',
  'floods wrong answers',
  'writes garbage',
  'writes lines without end',
  'writes huge messages',
] as const

export type Attack = (typeof ATTACKS)[number]

const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'victim', version: '1' } }
const UNREAD_CALLS = 40
const UNREAD_BYTES = 1_000_000

interface Order {
  /** The hostile server's socket. */
  readonly path: string
  readonly attack: Attack
  readonly forMs: number
}

/** Has a hostile server attack, from a process of its own: what the attack costs its client is no cost of whoever measures. */
export class Attacker implements Disposable {
  readonly #process: ChildProcessByStdio<Writable, null, null>

  constructor() {
    this.#process = spawn(process.execPath, [import.meta.filename], { stdio: ['pipe', 'ignore', 'inherit'] })
  }

  /** Begins an attack. Disposing takes its client away: one that reads everything and looks at nothing. */
  begin(order: Order): Disposable {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`)
    return { [Symbol.dispose]: () => void this.#process.stdin.write('null\n') }
  }

  [Symbol.dispose](): void {
    this.#process.stdin.end()
  }
}

function beginAttack({ path, attack, forMs }: Order): Disposable {
  const socket = connect(path)
  socket.on('error', () => {})
  socket.resume()
  const send = (message: object) => socket.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const call = (id: number, name: string, more: object = {}) =>
    send({ id, method: 'tools/call', params: { name, arguments: { forMs, ...more } } })
  send({ id: 0, method: 'initialize', params: HELLO })
  send({ method: 'notifications/initialized' })
  call(1, attack === 'never reads' ? 'hangs' : attack)
  if (attack === 'never reads') {
    for (let id = 2; id < 2 + UNREAD_CALLS; id++) call(id, 'echo', { padding: 'x'.repeat(UNREAD_BYTES) })
  }
  return { [Symbol.dispose]: () => void socket.destroy() }
}

if (import.meta.main) {
  let attack: Disposable | undefined
  for await (const line of createInterface(process.stdin)) {
    attack?.[Symbol.dispose]()
    const order = JSON.parse(line) as Order | null
    attack = order === null ? undefined : beginAttack(order)
  }
  attack?.[Symbol.dispose]()
}
