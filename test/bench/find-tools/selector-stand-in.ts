import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ATTACHED } from '../../fixtures/selector/behaviours.ts'

// A tool-selector API that knows its answer already: what is measured through it is the way to it.
const attached = Buffer.from(JSON.stringify(ATTACHED))
const healthy = Buffer.from('{"status":"healthy"}')
const connection = process.argv.includes('--close') ? 'close' : 'keep-alive'

const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (request, response) => {
  request.resume()
  request.on('end', () => {
    const body = request.method === 'POST' ? attached : healthy
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length, connection })
    response.end(body)
  })
})
server.listen({ host: '127.0.0.1', port: 0, backlog: 1_024 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
// It leaves with whoever started it.
process.stdin.on('end', () => process.exit()).resume()
