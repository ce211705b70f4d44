import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Direction, type Fault, FaultProxy, portOf } from './fault-proxy.ts'

const HELLO = 'hello from the server, at some length'

describe('a fault proxy', () => {
  let server: Server
  let proxy: FaultProxy
  let heard: string
  let accepted: Socket[]

  beforeEach(async () => {
    heard = ''
    accepted = []
    // Answers what it hears with a hello, and ends when its client does.
    server = createServer((socket) => {
      accepted.push(socket)
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString()
        socket.write(HELLO)
      })
      socket.on('error', () => {})
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    proxy = await FaultProxy.open({ port: portOf(server), host: '127.0.0.1' }, { seed: 1 })
  })
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]()
    for (const socket of accepted) socket.destroy()
    await server[Symbol.asyncDispose]()
  })

  /** Says something over it and ends; resolves with every piece that comes back, or the code of the error. */
  async function exchange(fault?: Fault, direction: Direction = 'to client'): Promise<string[] | string> {
    if (fault !== undefined) proxy.inflict(fault, direction)
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
    const pieces: string[] = []
    socket.on('data', (chunk: Buffer) => pieces.push(chunk.toString('latin1')))
    socket.end('hi')
    const error = new Promise<string>((resolve) => socket.on('error', ({ message }) => resolve(message)))
    const over = once(socket, 'end').then(() => pieces)
    return Promise.race([over, error]).finally(() => socket.destroy())
  }

  const joined = async (fault?: Fault, direction?: Direction) => {
    const pieces = await exchange(fault, direction)
    return typeof pieces === 'string' ? pieces : pieces.join('')
  }

  it('passes everything as it is, ends included', async () => {
    expect(await joined()).toBe(HELLO)
    expect(heard).toBe('hi')
  })

  it('delays, slows down and slices without losing anything', async () => {
    expect(await joined({ kind: 'latency', ms: 20 })).toBe(HELLO)
    expect(await joined({ kind: 'throttle', bytesPerSecond: 500 })).toBe(HELLO)
    const pieces = await exchange({ kind: 'slicer', bytes: 1 })
    expect(pieces).not.toHaveLength(1)
    expect((pieces as string[]).join('')).toBe(HELLO)
  })

  it('resets a connection after so many bytes', async () => {
    expect(await joined({ kind: 'reset', afterBytes: 5 })).toMatch(/ECONNRESET/)
  })

  it('ends one way after so many bytes', async () => {
    expect(await joined({ kind: 'half-close', afterBytes: 5 })).toBe(HELLO.slice(0, 5))
  })

  it('says everything twice', async () => {
    expect(await joined({ kind: 'duplicate' })).toBe(HELLO + HELLO)
    await joined({ kind: 'duplicate' }, 'to server')
    expect(heard).toBe('hihihi')
  })

  it('says something of its own first, the same for the same seed', async () => {
    const first = await joined({ kind: 'garbage', bytes: 10 })
    expect(first).toHaveLength(10 + HELLO.length)
    expect(first.endsWith(HELLO)).toBe(true)
    await using other = await FaultProxy.open({ port: portOf(server), host: '127.0.0.1' }, { seed: 1 })
    proxy = other
    expect(await joined({ kind: 'garbage', bytes: 10 })).toBe(first)
  })

  it('swallows what comes after so many bytes, until it is healed and the connection breaks', async () => {
    proxy.inflict({ kind: 'black hole', afterBytes: 5 }, 'to client')
    const socket = connect({ port: proxy.port, host: '127.0.0.1' })
    const all = buffer(socket)
    socket.write('hi')
    await vi.waitFor(() => expect(heard).toBe('hi'))
    await vi.waitFor(() => expect(socket.bytesRead).toBe(5))
    proxy.heal()
    expect((await all).toString()).toBe(HELLO.slice(0, 5))
    expect(await joined()).toBe(HELLO)
  })
})
