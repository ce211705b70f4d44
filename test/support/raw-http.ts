import { connect } from 'node:net'

/** One parsed HTTP answer as it came over the socket. */
export interface RawAnswer {
  status: number
  head: string
  body: string
}

type Part = string | Uint8Array

/** Sends bytes over one connection and reads answers until `count` came or the peer closed. For requests no client library would send. */
export async function exchange(
  url: string,
  bytes: string | Uint8Array | (string | Uint8Array)[],
  count = 1,
): Promise<RawAnswer[]> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const answers: RawAnswer[] = []
  let received = ''
  try {
    for (const part of [bytes].flat()) socket.write(part)
    for await (const chunk of socket) {
      received += (chunk as Buffer).toString('latin1')
      for (let parsed = parseOne(received); parsed !== undefined; parsed = parseOne(received)) {
        answers.push(parsed.answer)
        received = parsed.rest
        if (answers.length === count) return answers
      }
    }
  } catch {
    // A reset is an answer too: whoever asks looks at what came before it.
  } finally {
    socket.destroy()
  }
  return answers
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

function parseOne(text: string): { answer: RawAnswer; rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end)
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
  const bodyEnd = end + 4 + length
  if (text.length < bodyEnd) return undefined
  const answer = { status: Number(head.slice(9, 12)), head, body: text.slice(end + 4, bodyEnd) }
  return { answer, rest: text.slice(bodyEnd) }
}
