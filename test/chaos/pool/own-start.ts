import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'direct', version: '1' } }
const FRAMES = [
  { id: 1, method: 'initialize', params: HELLO },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/call', params: { name: 'read_file', arguments: {} } },
]
const INPUT = FRAMES.map((frame) => `${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`).join('')

interface Program {
  command: string
  args: readonly string[]
}

/** Starts servers without a pool, in a process of its own, so that what starting them costs is no cost of whoever measures. */
export class OwnStarts implements Disposable {
  readonly #starter: ChildProcessByStdio<Writable, Readable, null>
  readonly #results: AsyncIterator<string>

  constructor() {
    this.#starter = spawn(process.execPath, [import.meta.filename], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#results = createInterface(this.#starter.stdout)[Symbol.asyncIterator]()
  }

  /** How long a server takes by itself from its start to the answer of its first call, in milliseconds. One at a time. */
  async measure({ command, args }: Program): Promise<number> {
    this.#starter.stdin.write(`${JSON.stringify({ command, args })}\n`)
    const { value } = await this.#results.next()
    return Number(value)
  }

  [Symbol.dispose](): void {
    this.#starter.stdin.end()
  }
}

async function measureOwnStart({ command, args }: Program): Promise<number> {
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

if (import.meta.main) {
  for await (const line of createInterface(process.stdin)) {
    process.stdout.write(`${await measureOwnStart(JSON.parse(line) as Program)}\n`)
  }
}
