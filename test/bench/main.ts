import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildPrograms } from '../../scripts/build.ts'
import { print, runMain } from '../support/run-main.ts'
import { abortOnStopSignals } from '../support/stop-signals.ts'
import { CHARTS } from './charts.ts'
import { formatDuration } from './format.ts'
import { inOrder, type MeasuredGoal } from './goal.ts'
import { createPaint } from './paint.ts'
import { bestPeer, type PeerJson } from './peers/best-peer.ts'
import { renderGoals } from './render-goals.ts'
import { BUILT, resultsPath } from './section.ts'

const SECTIONS = [
  'find-tools',
  'pool',
  'faces',
  'peers',
  'cli',
  'grpc',
  'selection',
  'growth',
  'memory',
  'commands',
] as const
// Those with the goals, and what stands beside them.
const QUICK_SECTIONS: readonly Section[] = ['find-tools', 'pool', 'faces', 'peers', 'cli', 'selection', 'growth']
type Section = (typeof SECTIONS)[number]

const HELP = `Measures every path, each beside what it is compared with in the same run, and says how each goal stands.

  npm run bench                       every section, about a quarter of an hour
  npm run bench -- --quick            ${QUICK_SECTIONS.join(', ')} in two minutes, noisier
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
  await buildPrograms()
  const failed: string[] = []
  const took: string[] = []
  for (const section of chosen) {
    const startedAt = performance.now()
    if (!(await run(section, values.quick === true, stop))) failed.push(section)
    took.push(`${section} ${formatDuration(performance.now() - startedAt)}`)
  }
  const measured = chosen.filter((section) => !failed.includes(section))
  await writeCharts(measured)
  print(`\n${(await summary(measured, failed, took)).join('\n')}\n`)
  if (failed.length > 0) process.exitCode = 1
}

/** Runs a section as the program it is, so that none finds a process warmed by another. Resolves with whether it ended well. */
async function run(section: string, quick: boolean, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted()
  const args = [join(import.meta.dirname, section, 'main.ts'), BUILT, ...(quick ? ['--quick'] : [])]
  // Ctrl-C reaches it too, and it ends what it has started.
  const program = spawn(process.execPath, args, { stdio: 'inherit' })
  const [exitCode] = (await once(program, 'exit')) as [number | null]
  signal.throwIfAborted()
  return exitCode === 0
}

async function summary(
  measured: readonly string[],
  failed: readonly string[],
  took: readonly string[],
): Promise<string[]> {
  const paint = createPaint(process.stdout)
  const goals: MeasuredGoal[] = []
  for (const section of measured) goals.push(...(await resultsOf<{ goals: MeasuredGoal[] }>(section)).goals)
  const peers = measured.includes('peers') ? await resultsOf<PeerJson>('peers') : undefined
  return [
    ` ${paint('title', 'Every goal')}   ${paint('quiet', took.join(' · '))}`,
    '',
    ...(goals.length === 0
      ? []
      : renderGoals(
          inOrder(goals).map((goal) => besidePeer(goal, peers)),
          paint,
        )),
    ...failed.map((section) => ` ${paint('bad', `${section} could not be measured; see above.`)}`),
  ]
}

/** The goal with the best of others, where they were measured as well. */
function besidePeer(goal: MeasuredGoal, peers: PeerJson | undefined): MeasuredGoal {
  const peer = goal.compared && peers && bestPeer(goal.compared, peers)
  return peer === undefined ? goal : { ...goal, peer }
}

async function resultsOf<Results>(section: string): Promise<Results> {
  return JSON.parse(await readFile(resultsPath(section), 'utf8')) as Results
}

/** Draws what was measured; what is left of other runs may be of another version. */
async function writeCharts(measured: readonly string[]): Promise<void> {
  for (const { section, name, draw } of CHARTS) {
    if (!measured.includes(section)) continue
    await writeFile(join(resultsPath(section), '..', `${name}.svg`), draw(await resultsOf<never>(section)))
  }
}

await runMain(main)
