import type { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { listenOnSocket } from '../../test/support/listening-socket.ts'
import { quickRequest } from './quick-request.ts'

const BODY = '{"text":"ünd so weiter"}'
const HEAD = `HTTP/1.1 201 Created\r\nContent-Length: ${Buffer.byteLength(BODY)}\r\n\r\n`
const ASK = { method: 'POST', path: '/execute', body: '{"ß":1}', headers: { 'x-a': '1' } } as const
const NEVER = () => new AbortController().signal

async function writeByteByByte(socket: Socket): Promise<void> {
  for (const byte of Buffer.from(HEAD + BODY)) {
    await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => setImmediate(resolve)))
  }
}

describe('a quick request', () => {
  it('says all that HTTP wants to know and reads status and body', async () => {
    await using worker = await listenOnSocket((socket) => socket.write(HEAD + BODY))
    expect(await quickRequest(worker.path, ASK, NEVER)).toEqual({ status: 201, body: BODY })
    expect(worker.received()).toBe(
      'POST /execute HTTP/1.0\r\nhost: localhost\r\nx-a: 1\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{"ß":1}',
    )
  })

  it('puts together an answer that comes byte by byte', async () => {
    await using worker = await listenOnSocket((socket) => void writeByteByByte(socket))
    expect(await quickRequest(worker.path, ASK, NEVER)).toEqual({ status: 201, body: BODY })
  })

  it.each(['', 'HTTP/1.1 200 OK\r\n', `${HEAD}{"half`])('is broken off where all that comes is %j', async (text) => {
    await using worker = await listenOnSocket((socket) => socket.end(text))
    await expect(quickRequest(worker.path, ASK, NEVER)).rejects.toMatchObject({ code: 'connection_closed' })
  })

  it('finds nobody where there is no socket', async () => {
    await expect(quickRequest('/nowhere.sock', ASK, NEVER)).rejects.toMatchObject({ code: 'server_unavailable' })
  })

  it('is given up with the reason of the signal, which is asked for when it is sent', async () => {
    await using worker = await listenOnSocket(() => {})
    const interruption = new AbortController()
    const ended = quickRequest(worker.path, ASK, () => interruption.signal)
    await vi.waitFor(() => expect(worker.received()).not.toBe(''))
    interruption.abort(new ServiceError('cancelled', 'It was interrupted.'))
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
    await vi.waitFor(() => expect(worker.open()).toBe(0))
  })
})
