import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What became of one client scenario. */
export interface ScenarioResult {
  passed: boolean
  /** Of the checks that the suite made, how many came out well; more requests of a client are more checks. */
  goodChecks: number
  checks: number
}

/** The clients that can be put through scenarios. */
export type Client = 'ours' | 'sdk'

const SUITE = import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js')
const PROGRAMS: Record<Client, string> = {
  ours: import.meta.resolve('./client-program.ts'),
  sdk: import.meta.resolve('./sdk-client-program.ts'),
}

/** The names of all client scenarios of the MCP conformance suite. */
export async function listClientScenarios(signal: AbortSignal): Promise<string[]> {
  const { output } = await runSuite(['list', '--client'], signal)
  return [...output.matchAll(/^ +- (\S+)/gm)].flatMap(([, name]) => name ?? [])
}

/** Puts a client through one scenario. Rejects when the suite does not know it. */
export async function runClientScenario(name: string, client: Client, signal: AbortSignal): Promise<ScenarioResult> {
  const command = `"${process.execPath}" "${fileURLToPath(PROGRAMS[client])}"`
  const { exitCode, output } = await runSuite(['client', '--command', command, '--scenario', name], signal)
  const [, good, all] = /^Passed: (\d+)\/(\d+), /m.exec(output) ?? []
  if (good === undefined) throw new Error(`The conformance suite did not run ${name}. It said:\n${output}`)
  const checks = Number(all)
  // The suite passes a client that does nothing where nothing is checked then.
  return { passed: exitCode === 0 && checks > 0, goodChecks: Number(good), checks }
}

async function runSuite(args: readonly string[], signal: AbortSignal): Promise<{ exitCode: unknown; output: string }> {
  const child = spawn(process.execPath, [fileURLToPath(SUITE), ...args], { stdio: ['ignore', 'pipe', 'pipe'], signal })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [exitCode] = (await once(child, 'close')) as unknown[]
  return { exitCode, output: Buffer.concat(chunks).toString() }
}
