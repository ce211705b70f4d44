import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { buildPrograms } from '../../../scripts/build.ts'
import { createPaint } from '../../bench/paint.ts'
import { createProgress } from '../../bench/progress.ts'
import { resultsPath } from '../../bench/section.ts'
import { print, runMain } from '../../support/run-main.ts'
import { abortOnStopSignals } from '../../support/stop-signals.ts'
import { wholeNumber } from '../command-line.ts'
import { isKept } from '../promises.ts'
import { renderPromises } from '../report.ts'
import { renderSamples, soakSchedule } from './render-soak.ts'
import { type SoakOutcome, type SoakPlan, soak } from './soak.ts'
import { growthPer1000Calls, soakPromises } from './soak-promises.ts'

const HELP = `Has one worker carry out calls without end while clients connect and vanish, and looks whether what it holds grows. Needs Linux.

  npm run soak                                     1,000,000 calls, 10,000 clients
  npm run soak -- --quick                          a fifth of it, in a minute or two: noisier
  npm run soak -- --calls 100000 --clients 1000    as many as these
  npm run soak -- --minutes 60                     the same again and again, for so long
  npm run soak -- --seed 7                         with other random choices; without one it is 1
  npm run soak -- --json                           the results as JSON instead of tables

The results also go to bench-results/soak.json. Exits with 1 when a promise is broken.
`

// As they would be given.
const FULL = { calls: '1000000', clients: '10000' }
// Of less, most of what is seen is code that V8 compiles.
const QUICK = { calls: '200000', clients: '2000' }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      calls: { type: 'string' },
      clients: { type: 'string' },
      minutes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return print(HELP)
  const size = values.quick ? QUICK : FULL
  const plan: SoakPlan = {
    calls: wholeNumber('--calls', values.calls ?? size.calls),
    clients: wholeNumber('--clients', values.clients ?? size.clients),
    minutes: values.minutes === undefined ? undefined : wholeNumber('--minutes', values.minutes),
    seed: wholeNumber('--seed', values.seed),
  }
  using stop = abortOnStopSignals()
  await buildPrograms()
  if (!values.json) print(`\n${indented(soakSchedule(plan))}\n`)
  const startedAt = performance.now()
  const outcome = await run(plan, stop)
  const results = { ...toJson(plan, outcome), took_ms: Math.round(performance.now() - startedAt) }
  await mkdir(dirname(resultsPath('soak')), { recursive: true })
  const text = `${JSON.stringify(results, undefined, 2)}\n`
  await writeFile(resultsPath('soak'), text)
  print(values.json ? text : toText(outcome))
  if (!soakPromises(outcome).every(isKept)) process.exitCode = 1
}

async function run(plan: SoakPlan, signal: AbortSignal): Promise<SoakOutcome> {
  using progress = createProgress(process.stderr)
  return await soak(plan, (what) => progress.say(what), signal)
}

function toText(outcome: SoakOutcome): string {
  const paint = createPaint(process.stdout)
  return `${[...renderSamples(outcome, paint), '', ...renderPromises(soakPromises(outcome), paint)].join('\n')}\n\n`
}

function toJson(plan: SoakPlan, outcome: SoakOutcome) {
  return {
    node: process.versions.node,
    cores: availableParallelism(),
    ...plan,
    promises: soakPromises(outcome).map((promise) => ({ ...promise, kept: isKept(promise) })),
    bytes_per_1000_calls: growthPer1000Calls(outcome, 'live'),
    resident_bytes_per_1000_calls: growthPer1000Calls(outcome, 'resident'),
    samples: outcome.samples,
  }
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => ` ${line}\n`).join('')
}

await runMain(main)
