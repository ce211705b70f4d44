import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { startTestHttp } from '../../test/support/test-http.ts'

const DECLARED_BYTES = 1024 ** 3
const CHUNK = Buffer.alloc(64 * 1024, 'x')

/** Sends the body to its end, or until the connection closes, and reads the answer beside it. */
async function sendWholeBody(url: string, path: string): Promise<{ answer: string; sent: number }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  let sent = 0
  socket.on('data', (chunk) => {
    answer += String(chunk)
  })
  // What is sent to a connection that was closed may be answered by a reset.
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const head = ['host: localhost', 'content-type: application/json', `content-length: ${DECLARED_BYTES}`]
  socket.write(`POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
  while (sent < DECLARED_BYTES && !socket.destroyed) {
    sent += CHUNK.length
    const drained = new Promise((resolve) => socket.once('drain', resolve))
    if (!socket.write(CHUNK)) await Promise.race([drained, closed])
  }
  socket.destroy()
  return { answer: answer.split('\r\n')[0] ?? '', sent }
}

it.each(['/mcp', '/mcp/one'])(
  'answers a request to %s that is refused, and does not read all of its body',
  async (path) => {
    const http = await startTestHttp()
    const { answer, sent } = await sendWholeBody(http.url, path)
    await http.close()
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(sent).toBeLessThan(DECLARED_BYTES)
  },
)
