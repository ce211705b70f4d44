import { connect, type Socket } from 'node:net'

/** One parsed HTTP answer as it came over the socket. */
export interface RawAnswer {
  status: number
  head: string
  body: string
}

type Part = string | Uint8Array

/** Sends bytes over one connection, to `http://host:port` or the path of a Unix socket, and reads answers until `count` came or the peer closed. For requests no client library would send. */
export async function exchange(to: string, bytes: Part | Part[], count = 1): Promise<RawAnswer[]> {
  const socket = connectTo(to)
  let received = ''
  try {
    for (const part of [bytes].flat()) socket.write(part)
    for await (const chunk of socket) {
      received += (chunk as Buffer).toString('latin1')
      if (parseAnswers(received).length >= count) break
    }
  } catch {
    // A reset is an answer too: whoever asks looks at what came before it.
  } finally {
    socket.destroy()
  }
  return parseAnswers(received).slice(0, count)
}

/** The status of the first answer to some bytes, read no further than that; 0 where the peer closes without one. */
export async function firstStatus(to: string, bytes: Part): Promise<number> {
  const socket = connectTo(to)
  let received = ''
  try {
    socket.write(bytes)
    for await (const chunk of socket) {
      received += (chunk as Buffer).toString('latin1')
      if (received.includes('\r\n')) break
    }
  } catch {
    // A reset is an answer too.
  } finally {
    socket.destroy()
  }
  return Number(received.slice(9, 12))
}

function connectTo(to: string): Socket {
  if (to.startsWith('/')) return connect(to)
  const { hostname, port } = new URL(to)
  return connect(Number(port), hostname)
}

/** A POST as text, with whatever headers a test needs. */
export function post(path: string, body: string, headers: Record<string, string> = {}): string {
  const all = {
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

function parseAnswers(text: string): RawAnswer[] {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return []
  const head = text.slice(0, headEnd)
  const bodyStart = headEnd + 4
  const bodyEnd = bodyStart + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
  if (text.length < bodyEnd) return []
  const answer = { status: Number(head.slice(9, 12)), head, body: text.slice(bodyStart, bodyEnd) }
  return [answer, ...parseAnswers(text.slice(bodyEnd))]
}
