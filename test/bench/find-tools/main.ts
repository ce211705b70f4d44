import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildPrograms } from '../../../scripts/build.ts'
import { ATTACHED } from '../../fixtures/selector/behaviours.ts'
import { abortOnStopSignals } from '../../support/stop-signals.ts'
import { formatCount } from '../format.ts'
import { createPaint } from '../paint.ts'
import { createProgress } from '../progress.ts'
import { INPUT } from './input.ts'
import { QUICK, THOROUGH } from './plan.ts'
import { renderReport } from './report.ts'
import type { Results } from './results.ts'
import { runBench } from './run-bench.ts'
import { toJson } from './to-json.ts'

const RESULTS_PATH = join(import.meta.dirname, '../../../bench-results/find-tools.json')
const HELP = `Measures one find_tools call on every path it can take.

  npm run bench:find-tools                two to three minutes
  npm run bench:find-tools -- --quick     under a minute, noisier
  npm run bench:find-tools -- --json      the results as JSON instead of tables

The results also go to bench-results/find-tools.json.
`

async function main(): Promise<void> {
  const { quick, json, help } = parseArgs({
    options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  }).values
  if (help) return print(HELP)
  using stop = abortOnStopSignals()
  await buildPrograms()
  const results = await measure(quick ? QUICK : THOROUGH, stop)
  const text = `${JSON.stringify(toJson(results), undefined, 2)}\n`
  await mkdir(dirname(RESULTS_PATH), { recursive: true })
  await writeFile(RESULTS_PATH, text)
  print(json ? text : `\n${headline()}\n\n${renderReport(results, createPaint(process.stdout))}`)
}

function measure(plan: typeof THOROUGH, signal: AbortSignal): Promise<Results> {
  using progress = createProgress(process.stderr)
  return runBench({ plan, searchPath: process.env.PATH ?? '', progress }, signal)
}

function headline(): string {
  const paint = createPaint(process.stdout)
  const answerBytes = Buffer.byteLength(JSON.stringify(ATTACHED))
  const machine = `Node ${process.versions.node} on ${availableParallelism()} cores`
  const call = `${formatCount(Buffer.byteLength(INPUT))} bytes of JSON in, ${formatCount(answerBytes)} out`
  return ` ${paint('title', 'One find_tools call on every path')}   ${paint('quiet', `${call} · ${machine}`)}`
}

function print(text: string): void {
  process.stdout.write(text)
}

await main()
