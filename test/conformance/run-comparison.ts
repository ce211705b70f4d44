import { parseArgs } from 'node:util'
import { createPaint, type Paint } from '../bench/paint.ts'
import { print } from '../support/run-main.ts'
import { abortOnStopSignals } from '../support/stop-signals.ts'

/** A program that holds something of ours beside something official, scenario by scenario. */
interface ComparisonProgram<Comparison> {
  readonly help: string
  /** `which` is what the program was given to choose scenarios by. */
  compare(which: string | undefined, signal: AbortSignal): Promise<Comparison[]>
  /** Whether ours came through a scenario worse, which is a failure. */
  isBehind(comparison: Comparison): boolean
  render(comparisons: readonly Comparison[], paint: Paint): string
}

/** Runs it by the flags it was started with. */
export async function runComparison<Comparison>(program: ComparisonProgram<Comparison>): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  if (values.help) return print(program.help)
  using stop = abortOnStopSignals()
  const comparisons = await program.compare(positionals[0], stop)
  print(program.render(comparisons, createPaint(process.stdout)))
  if (comparisons.some((one) => program.isBehind(one))) process.exitCode = 1
}
