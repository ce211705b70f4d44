import { spawn } from 'node:child_process'
import { once } from 'node:events'

const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'direct', version: '1' } }
const FRAMES = [
  { id: 1, method: 'initialize', params: HELLO },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/call', params: { name: 'read_file', arguments: {} } },
]
const INPUT = FRAMES.map((frame) => `${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`).join('')

/** How long a server takes by itself from its start to the answer of its first call, in milliseconds. */
export async function measureOwnStart({
  command,
  args,
}: {
  command: string
  args: readonly string[]
}): Promise<number> {
  const startedAt = performance.now()
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  child.stdin.write(INPUT)
  let output = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += String(chunk)
    if (output.includes('"id":2')) break
  }
  const tookMs = performance.now() - startedAt
  child.kill('SIGKILL')
  await exited
  return tookMs
}
