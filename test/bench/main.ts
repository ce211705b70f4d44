import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { print } from '../support/run-main.ts'
import { abortOnStopSignals } from '../support/stop-signals.ts'
import { CHARTS } from './charts.ts'
import type { MeasuredGoal } from './goal.ts'
import { createPaint } from './paint.ts'
import { renderGoals } from './render-goals.ts'
import { resultsPath } from './section.ts'

const SECTIONS = ['find-tools', 'pool', 'faces', 'peers', 'cli', 'grpc', 'selection', 'memory', 'commands'] as const
// What tells most in the least time, without fetching anything.
const QUICK_SECTIONS: readonly Section[] = ['find-tools', 'pool']
type Section = (typeof SECTIONS)[number]

const HELP = `Measures every path, each beside what it is compared with in the same run, and says how each goal stands.

  npm run bench                       every section, about a quarter of an hour
  npm run bench -- --quick            ${QUICK_SECTIONS.join(', ')} in under two minutes, noisier
  npm run bench -- pool peers         those sections: ${SECTIONS.join(', ')}

Results go to bench-results/ as JSON, one file a section, and charts as SVG.
`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  if (values.help) return print(HELP)
  const chosen = positionals.length > 0 ? positionals : values.quick ? QUICK_SECTIONS : SECTIONS
  const unknown = chosen.filter((id) => !SECTIONS.some((section) => section === id))
  if (unknown.length > 0) {
    process.stderr.write(`There is no section ${unknown.join(', ')}; there are ${SECTIONS.join(', ')}.\n`)
    process.exitCode = 2
    return
  }
  using stop = abortOnStopSignals()
  const failed: string[] = []
  for (const section of chosen) if (!(await run(section, values.quick === true, stop))) failed.push(section)
  await writeCharts()
  print(`\n${(await summary(chosen, failed)).join('\n')}\n`)
  if (failed.length > 0) process.exitCode = 1
}

/** Runs a section as the program it is, so that none finds a process warmed by another. Resolves with whether it ended well. */
async function run(section: string, quick: boolean, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted()
  const args = [join(import.meta.dirname, section, 'main.ts'), ...(quick ? ['--quick'] : [])]
  // Ctrl-C reaches it too, and it ends what it has started.
  const program = spawn(process.execPath, args, { stdio: 'inherit' })
  const [exitCode] = (await once(program, 'exit')) as [number | null]
  signal.throwIfAborted()
  return exitCode === 0
}

async function summary(chosen: readonly string[], failed: readonly string[]): Promise<string[]> {
  const paint = createPaint(process.stdout)
  const goals: MeasuredGoal[] = []
  for (const section of chosen) if (!failed.includes(section)) goals.push(...(await goalsOf(section)))
  return [
    ` ${paint('title', 'Every goal')}`,
    '',
    ...renderGoals(goals, paint),
    ...failed.map((section) => ` ${paint('bad', `${section} could not be measured; see above.`)}`),
  ]
}

async function goalsOf(section: string): Promise<MeasuredGoal[]> {
  const { goals } = JSON.parse(await readFile(resultsPath(section), 'utf8')) as { goals: MeasuredGoal[] }
  return goals
}

async function writeCharts(): Promise<void> {
  for (const chart of CHARTS) {
    const path = resultsPath(chart.section)
    if (!existsSync(path)) continue
    const svg = chart.draw(JSON.parse(await readFile(path, 'utf8')) as never)
    await writeFile(join(path, '..', `${chart.name}.svg`), svg)
  }
}

await main()
