import { availableParallelism } from 'node:os'
import type { Paint } from '../bench/paint.ts'
import { createProgress } from '../bench/progress.ts'
import { type Column, renderTable } from '../bench/table.ts'
import { listClientScenarios, runClientScenario, type ScenarioResult } from './client-scenarios.ts'
import { runComparison } from './run-comparison.ts'

const HELP = `Puts the remote connector through the client scenarios of the MCP conformance suite and, beside it, the official SDK's client.
Fails when ours does not pass a scenario that the SDK's client passes.

  npm run conformance:client             all of them, about a minute
  npm run conformance:client -- auth/    those whose names begin so
`

/** How both clients came through one scenario. */
interface Comparison {
  name: string
  ours: ScenarioResult
  sdk: ScenarioResult
}

const COLUMNS: Column[] = ['scenario', 'ours', 'checks', 'SDK', 'checks', ''].map((title) => ({
  title,
  align: title === 'checks' ? 'right' : 'left',
}))

async function compareAll(prefix = '', signal: AbortSignal): Promise<Comparison[]> {
  using progress = createProgress(process.stderr)
  const names = (await listClientScenarios(signal)).filter((name) => name.startsWith(prefix))
  if (names.length === 0) throw new Error(`There is no scenario whose name begins with ${JSON.stringify(prefix)}.`)
  const comparisons: Comparison[] = []
  const waiting = names.values()
  // As many at once as the machine has cores: some scenarios look at the clock.
  const lane = async () => {
    for (const name of waiting) {
      progress.say(`${name} (${comparisons.length} of ${names.length} done)`)
      const ours = await runClientScenario(name, 'ours', signal)
      comparisons.push({ name, ours, sdk: await runClientScenario(name, 'sdk', signal) })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return comparisons.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name))
}

function isBehind({ ours, sdk }: Comparison): boolean {
  return sdk.passed && !ours.passed
}

function render(comparisons: readonly Comparison[], paint: Paint): string {
  const rows = comparisons.map((one) => [
    one.name,
    ...cellsOf(one.ours, paint),
    ...cellsOf(one.sdk, paint),
    isBehind(one) ? paint('bad', 'behind') : '',
  ])
  const passedBy = (client: 'ours' | 'sdk') => comparisons.filter((one) => one[client].passed).length
  const sum = `of ${comparisons.length}, ours passes ${passedBy('ours')} and the SDK's client ${passedBy('sdk')}`
  const head = ` ${paint('title', 'MCP conformance, client scenarios')}   ${paint('quiet', sum)}`
  return ['', head, '', ...renderTable(COLUMNS, rows, paint), '', ` ${verdict(comparisons, paint)}`, ''].join('\n')
}

function verdict(comparisons: readonly Comparison[], paint: Paint): string {
  const behind = comparisons.filter(isBehind).map(({ name }) => name)
  if (behind.length === 0) return paint('good', "Ours passes all that the SDK's client passes.")
  return paint('bad', `The SDK's client passes what ours does not: ${behind.join(', ')}`)
}

function cellsOf({ passed, goodChecks, checks }: ScenarioResult, paint: Paint): string[] {
  return [passed ? paint('good', 'passed') : paint('bad', 'failed'), paint('quiet', `${goodChecks}/${checks}`)]
}

await runComparison<Comparison>({ help: HELP, compare: compareAll, isBehind, render })
