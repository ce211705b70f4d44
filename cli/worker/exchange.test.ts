import type { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { type ListeningSocket, listenOnSocket } from '../../test/support/listening-socket.ts'
import type { Exchange, Hangup } from './exchange.ts'
import { exchangeOverNet } from './exchange-over-net.ts'
import { exchangeOverPipe } from './exchange-over-pipe.ts'

/** What becomes of an exchange, in order. */
function listenTo(request: string, until: string) {
  const events: string[] = []
  let text = ''
  const exchange: Omit<Exchange, 'socketPath'> = {
    request,
    sent: () => void events.push('sent'),
    received: (bytes) => {
      text += bytes.toString()
      if (!text.endsWith(until)) return false
      events.push('whole')
      return true
    },
    ended: (error) => void events.push(`ended ${error !== undefined && 'code' in error ? String(error.code) : ''}`),
  }
  return { events, exchange, text: () => text }
}

describe.each([
  ['node:net', exchangeOverNet],
  ['a pipe of our own', exchangeOverPipe],
])('an exchange over %s', (_, open: (exchange: Exchange) => Hangup | undefined) => {
  async function exchangeWith(answer: (socket: Socket) => void, request = 'what?\n') {
    const listener: ListeningSocket = await listenOnSocket(answer)
    const heard = listenTo(request, '.')
    const hangUp = open({ ...heard.exchange, socketPath: listener.path })
    return { ...heard, listener, hangUp, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() }
  }

  it('sends the request, hears the answer in whatever pieces, and leaves when it is whole', async () => {
    await using made = await exchangeWith((socket) => {
      socket.write(Buffer.from('Ü').subarray(0, 1))
      setImmediate(() => socket.write(Buffer.concat([Buffer.from('Ü').subarray(1), Buffer.from('ber.')])))
    })
    await vi.waitFor(() => expect(made.events).toEqual(['sent', 'whole']))
    expect(made.listener.received()).toBe('what?\n')
    await vi.waitFor(() => expect(made.listener.open()).toBe(0))
    expect(made.events).toEqual(['sent', 'whole'])
  })

  it('carries more than a socket holds, both ways', async () => {
    const request = 'ü'.repeat(2_000_000)
    await using made = await exchangeWith((socket) => {
      socket.on('data', () => {
        if (made.listener.received().length >= request.length) socket.write(`${request}.`)
      })
    }, request)
    await vi.waitFor(() => expect(made.events).toEqual(['sent', 'whole']))
    expect(made.listener.received()).toBe(request)
  })

  it('says that the connection ended before the answer was whole', async () => {
    await using made = await exchangeWith((socket) => socket.end('half'))
    await vi.waitFor(() => expect(made.events).toHaveLength(2))
    expect(made.events[1]).toMatch(/^ended/)
    expect(made.text()).toBe('half')
  })

  it('hears nothing any more once it is left', async () => {
    await using made = await exchangeWith(() => {})
    await vi.waitFor(() => expect(made.listener.received()).toBe('what?\n'))
    made.hangUp?.()
    await vi.waitFor(() => expect(made.listener.open()).toBe(0))
    expect(made.events).toEqual(['sent'])
  })

  it('says why it cannot connect', async () => {
    const { events, exchange } = listenTo('what?', '.')
    open({ ...exchange, socketPath: '/nowhere/at-all.sock' })
    await vi.waitFor(() => expect(events).toEqual(['ended ENOENT']))
  })
})
