import type { Exchange, Hangup } from './exchange.ts'

/** Makes the exchange as Node documents it. */
export function exchangeOverNet(exchange: Exchange): Hangup {
  const { connect } = process.getBuiltinModule('node:net')
  const socket = connect(exchange.socketPath)
  let fault: Error | undefined
  const leave = () => {
    socket.removeAllListeners('close')
    socket.destroy()
  }
  socket.on('connect', () => exchange.sent())
  socket.on('data', (bytes) => {
    if (exchange.received(bytes)) leave()
  })
  socket.on('error', (error) => (fault = error))
  socket.on('close', () => exchange.ended(fault))
  socket.write(exchange.request)
  return leave
}
