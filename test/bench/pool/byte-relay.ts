import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

// What a worker in Node takes at least: bytes go between the one client of each socket and a server of its own, and nobody looks at them.
const end = process.argv.indexOf('--')
const paths = process.argv.slice(2, end)
const [command = '', ...args] = process.argv.slice(end + 1)

async function relay(path: string): Promise<void> {
  const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  server.once('exit', () => process.exit())
  const listener = createServer((client) => {
    client.on('data', (bytes) => server.stdin.write(bytes))
    server.stdout.on('data', (bytes: Buffer) => client.write(bytes))
    client.once('close', () => server.stdin.end())
  })
  await once(listener.listen(path), 'listening')
}

await Promise.all(paths.map(relay))
process.stdout.write('listening\n')
