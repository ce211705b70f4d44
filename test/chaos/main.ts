import { parseArgs } from 'node:util'
import { buildPrograms } from '../../scripts/build.ts'
import { formatCount } from '../bench/format.ts'
import { createPaint } from '../bench/paint.ts'
import { createProgress } from '../bench/progress.ts'
import { abortOnStopSignals } from '../support/stop-signals.ts'
import type { ChaosPlan } from './open-loop.ts'
import { isKept, promisesOf } from './promises.ts'
import { renderOutcome, renderPlan } from './report.ts'
import { faultsOf, runChaos } from './run-chaos.ts'

const HELP = `Calls find_tools while its worker is killed and stopped, and counts what goes wrong. Needs Linux.

  npm run chaos                                        20,000 calls, 100 a second, seed 1: 200 seconds
  npm run chaos -- --calls 5000 --seed 7 --rate 200

The same seed gives the same calls and the same faults. An outage lasts up to about three seconds, whose calls wait in
line for one-shots; a rate is too high when they cannot all be answered within the 30 s each call has.
Exits with 1 when a promise is broken.
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '100' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return print(HELP)
  const plan = {
    calls: wholeNumber('--calls', values.calls),
    callsPerSecond: wholeNumber('--rate', values.rate),
    seed: wholeNumber('--seed', values.seed),
  }
  using stop = abortOnStopSignals()
  const paint = createPaint(process.stdout)
  print(`${renderPlan(plan, faultsOf(plan), paint)}\n`)
  await buildPrograms()
  const outcome = await run(plan, stop)
  print(`${renderOutcome(outcome, paint)}\n`)
  if (!promisesOf(outcome).every(isKept)) process.exitCode = 1
}

function run(plan: ChaosPlan, signal: AbortSignal) {
  using progress = createProgress(process.stderr)
  const onProgress = ({ sent, open }: { sent: number; open: number }) =>
    progress.say(`${formatCount(sent)} of ${formatCount(plan.calls)} calls made, ${formatCount(open)} open`)
  return runChaos({ plan, searchPath: process.env.PATH ?? '', onProgress }, signal)
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new Error(`${flag} must be a whole number above 0, got ${JSON.stringify(text)}`)
}

function print(text: string): void {
  process.stdout.write(text)
}

await main()
