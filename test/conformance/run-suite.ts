import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SUITE = import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js')

/** Runs the MCP conformance suite with these arguments; resolves with how it ended and all that it said. */
export async function runSuite(
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ exitCode: unknown; output: string }> {
  const child = spawn(process.execPath, [fileURLToPath(SUITE), ...args], { stdio: ['ignore', 'pipe', 'pipe'], signal })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [exitCode] = (await once(child, 'close')) as unknown[]
  return { exitCode, output: Buffer.concat(chunks).toString() }
}
