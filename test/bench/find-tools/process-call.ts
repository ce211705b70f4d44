import { spawn } from 'node:child_process'

/** A program that is run once per call. `input` goes to its stdin. */
export interface ProcessCall {
  command: string
  args: readonly string[]
  variables: Readonly<Record<string, string>>
  input: string
}

/** Runs a process from its spawn to its end and resolves with what it wrote to stdout. Throws when it fails. */
export async function runProcess({ command, args, variables, input }: ProcessCall): Promise<string> {
  const child = spawn(command, args, { env: { ...variables }, stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  // Some never read it; their exit is the news.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return output
  throw new Error(
    `${command} ${args.join(' ')} ended with ${code}. It said: ${output.slice(-500)}${complaint.slice(-500)}`,
  )
}
