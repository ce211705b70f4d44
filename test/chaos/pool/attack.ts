import { connect } from 'node:net'

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

/** Has the hostile server on this socket attack for so long. Disposing takes its client away: one that reads everything and looks at nothing. */
export function beginAttack(path: string, { attack, forMs }: { attack: Attack; forMs: number }): Disposable {
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
