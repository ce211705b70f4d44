import { spawn } from 'node:child_process'
import { createServer } from 'node:net'

// What a worker in Node takes at least: bytes go between the one client of a socket and a server, and nobody looks at them.
const [path, command = '', ...args] = process.argv.slice(2)
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
server.once('exit', () => process.exit())
const listener = createServer((client) => {
  client.on('data', (bytes) => server.stdin.write(bytes))
  server.stdout.on('data', (bytes: Buffer) => client.write(bytes))
  client.once('close', () => server.stdin.end())
})
listener.listen(path, () => process.stdout.write('listening\n'))
