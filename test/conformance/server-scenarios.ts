import { glob, mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSuite } from './run-suite.ts'

/** How a server came through one scenario: everything was good, something should be otherwise, something must be, or nothing was checked. */
export type Outcome = 'passed' | 'warned' | 'failed' | 'unchecked'

/** What became of one server scenario. */
export interface ServerScenario {
  outcome: Outcome
  /** Of the checks that were made, how many came out well. */
  goodChecks: number
  checks: number
  /** What did not. */
  complaints: string[]
}

/** Stands for every scenario. */
export const ALL_SCENARIOS = 'all'

interface Check {
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED'
  errorMessage?: string
}

/** Puts the server at a URL through the scenario of a name, or through all of them. Rejects when the suite does not know it. */
export async function runServerScenarios(
  url: string,
  scenario: string,
  signal: AbortSignal,
): Promise<Map<string, ServerScenario>> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'conformance-'))
  const which = scenario === ALL_SCENARIOS ? ['--suite', 'all'] : ['--scenario', scenario]
  const { output } = await runSuite(['server', '--url', url, ...which, '--output-dir', folder.path], signal)
  const scenarios = new Map<string, ServerScenario>()
  for await (const path of glob('*/checks.json', { cwd: folder.path })) {
    // The folder is named server-<scenario>-<time>.
    const name = /^server-(.+?)-\d{4}-\d\d-\d\dT/.exec(path)?.[1] ?? path
    scenarios.set(name, toScenario(JSON.parse(await readFile(join(folder.path, path), 'utf8')) as Check[]))
  }
  if (scenarios.size === 0) throw new Error(`The conformance suite did not run ${scenario}. It said:\n${output}`)
  return scenarios
}

function toScenario(checks: readonly Check[]): ServerScenario {
  const judged = checks.filter(({ status }) => ['SUCCESS', 'FAILURE', 'WARNING'].includes(status))
  const bad = judged.filter(({ status }) => status !== 'SUCCESS')
  return {
    outcome: toOutcome(judged),
    goodChecks: judged.length - bad.length,
    checks: judged.length,
    complaints: bad.map(({ id, errorMessage = 'no reason given' }) => `${id}: ${errorMessage}`),
  }
}

function toOutcome(judged: readonly Check[]): Outcome {
  if (judged.length === 0) return 'unchecked'
  if (judged.some(({ status }) => status === 'FAILURE')) return 'failed'
  return judged.some(({ status }) => status === 'WARNING') ? 'warned' : 'passed'
}
