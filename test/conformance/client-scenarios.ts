import { fileURLToPath } from 'node:url'
import { runSuite } from './run-suite.ts'

/** What became of one client scenario. */
export interface ScenarioResult {
  passed: boolean
  /** Of the checks that the suite made, how many came out well; more requests of a client are more checks. */
  goodChecks: number
  checks: number
}

/** The clients that can be put through scenarios. */
export type Client = 'ours' | 'sdk'

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
