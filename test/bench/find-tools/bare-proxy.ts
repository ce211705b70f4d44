import { Agent, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

// What Node's own HTTP takes to stand between a client and the selector on this port: it reads a body, sends it on, and gives back what comes.
const agent = new Agent({ keepAlive: true })
const port = Number(process.argv[2])

const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (incoming, outgoing) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    const body = Buffer.concat(chunks)
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const path = incoming.url ?? '/'
    send({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    }).end(body)
  })
})
server.listen({ host: '127.0.0.1', port: 0, backlog: 1_024 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
// It leaves with whoever started it.
process.stdin.on('end', () => process.exit()).resume()
