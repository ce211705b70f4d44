import { parseArgs } from 'node:util'
import { buildPrograms } from '../../scripts/build.ts'
import { createPaint, type Paint } from '../bench/paint.ts'
import { createProgress } from '../bench/progress.ts'
import { print, runMain } from '../support/run-main.ts'
import { abortOnStopSignals } from '../support/stop-signals.ts'
import { wholeNumber } from './command-line.ts'
import { createFindToolsRun } from './find-tools-run.ts'
import { type PromiseRun, type RunPlan, SHORT_SCALE } from './pool/promise-run.ts'
import { POOL_RUNS } from './pool/runs.ts'
import { isGood, type RunResult, renderResult, renderSchedule, renderSummary } from './report.ts'
import { seedsOfRounds } from './rounds.ts'

const HELP_HEAD = `Tries to break the promises about find_tools and the pool, and counts what goes wrong. Needs Linux.

  npm run chaos                                     every promise at full size, one after another
  npm run chaos -- --short                          every promise at a hundredth of it
  npm run chaos -- P11 --part 0.1                   one of them at a tenth
  npm run chaos -- P8 P10 --seed 7                  some of them, with other random choices
  npm run chaos -- --minutes 60 --part 0.1          one round after another for an hour, each with a seed of its own
  npm run chaos -- P4 --calls 5000 --rate 200       so many calls of find_tools, so many a second

The same seed gives the same choices; without one it is 1. Of rounds the first one has the seed itself, and each that
broke something is named with what runs it again. P4 makes 20,000 calls, 100 a second, unless it is told
otherwise; an outage lasts up to about three seconds, whose calls wait in line for one-shots: a rate is too high when
they cannot all be answered within the 30 s each call has. Exits with 1 when a promise is broken.

`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      part: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      calls: { type: 'string', default: '20000' },
      rate: { type: 'string', default: '100' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const paint = createPaint(process.stdout)
  const findTools = { calls: wholeNumber('--calls', values.calls), callsPerSecond: wholeNumber('--rate', values.rate) }
  const runs = inOrder([...POOL_RUNS, createFindToolsRun(findTools, paint)])
  if (values.help) return print(`${HELP_HEAD}${runs.map(({ id, title }) => `  ${id.padEnd(8)} ${title}\n`).join('')}`)
  const chosen = choose(runs, positionals)
  const scale = values.short ? SHORT_SCALE : partOf(values.part)
  const minutes = values.minutes === undefined ? undefined : wholeNumber('--minutes', values.minutes)
  using stop = abortOnStopSignals()
  await buildPrograms()
  const results: RunResult[] = []
  for (const seed of seedsOfRounds({ seed: wholeNumber('--seed', values.seed), minutes }, () => performance.now())) {
    for (const run of chosen) results.push(await perform(run, { size: { seed, scale }, paint }, stop))
  }
  print(renderSummary(results, paint))
  if (!results.every(isGood)) process.exitCode = 1
}

async function perform(
  run: PromiseRun,
  { size, paint }: { size: Pick<RunPlan, 'seed' | 'scale'>; paint: Paint },
  signal: AbortSignal,
): Promise<RunResult> {
  using progress = createProgress(process.stderr)
  const notes: string[] = []
  const plan = {
    ...size,
    searchPath: process.env.PATH ?? '',
    say: (text: string) => progress.say(`${run.id}: ${text}`),
    note: (line: string) => void notes.push(line),
  }
  print(`${renderSchedule(run, run.schedule(plan), paint)}\n`)
  const startedAt = performance.now()
  const outcome = await run.run(plan, signal).then(
    (promises) => ({ promises, failure: undefined }),
    (thrown: unknown) => ({ promises: [], failure: String(thrown) }),
  )
  signal.throwIfAborted()
  const result = { run, plan, tookMs: performance.now() - startedAt, ...outcome }
  progress[Symbol.dispose]()
  print(renderResult(result, notes, paint))
  return result
}

function choose(runs: readonly PromiseRun[], ids: readonly string[]): readonly PromiseRun[] {
  const known = runs.map(({ id }) => id)
  const unknown = ids.filter((id) => !known.includes(id))
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}. There are: ${known.join(', ')}.`)
  return ids.length === 0 ? runs : runs.filter(({ id }) => ids.includes(id))
}

/** By their numbers; those that have none last. */
function inOrder(runs: readonly PromiseRun[]): PromiseRun[] {
  const numberOf = ({ id }: PromiseRun) => Number(/^P(\d+)/.exec(id)?.[1] ?? 1_000)
  return runs.toSorted((one, other) => numberOf(one) - numberOf(other))
}

function partOf(text: string): number {
  const part = Number(text)
  if (part > 0 && part <= 1) return part
  throw new Error(`--part must be above 0 and at most 1, got ${JSON.stringify(text)}`)
}

await runMain(main)
