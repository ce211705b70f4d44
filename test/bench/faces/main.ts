import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { buildPrograms } from '../../../scripts/build.ts'
import { abortOnStopSignals } from '../../support/stop-signals.ts'
import { createPaint, type Paint } from '../paint.ts'
import { type Load, measure } from '../pool/measure.ts'
import { renderTimes } from '../pool/render-times.ts'
import { createProgress, type Progress } from '../progress.ts'
import { renderGoals } from '../render-goals.ts'
import { KNOWN_SERVERS, measureLists } from './first-lists.ts'
import { type FaceResults, goalsOf, TITLES } from './goals.ts'
import { measureNewSessions } from './new-sessions.ts'
import { type FaceStage, openStage } from './stage.ts'

const HELP = `Measures what an official client meets at each face of the worker: a tool call of a warm server, a new session,
and the list of tools while no server runs.

  npm run bench:faces                two minutes or three
  npm run bench:faces -- --quick     a third of it, noisier
`
const LOADS: readonly Load[] = [
  { id: 'call', length: 20, concurrency: 1, calls: 1_000, rounds: 9 },
  { id: 'calls at 100', length: 20, concurrency: 100, calls: 2_000, rounds: 6 },
  { id: '100 KB', length: 100_000, concurrency: 1, calls: 100, rounds: 9 },
  { id: '5 MB', length: 5_000_000, concurrency: 1, calls: 5, rounds: 6 },
]
const SESSION_ROUNDS = 9
const FRONTS = 20

interface Measured {
  results: FaceResults
  failures: FaceStage['failures']
}

async function main(): Promise<void> {
  const { quick, help } = parseArgs({
    options: { quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  }).values
  if (help) return print(HELP)
  using stop = abortOnStopSignals()
  await buildPrograms()
  print(render(await measureAll(quick ? 3 : 1, stop), createPaint(process.stdout)))
}

/** Measures in so many times fewer rounds. */
async function measureAll(haste: number, signal: AbortSignal): Promise<Measured> {
  using progress = createProgress(process.stderr)
  progress.say(`the lists of ${KNOWN_SERVERS} servers`)
  const lists = await measureLists(Math.ceil(FRONTS / haste), signal)
  progress.say('starting a worker and servers')
  await using stage = await openStage()
  const calls = await measureCalls(stage, { haste, progress }, signal)
  progress.say('new sessions')
  const starts = (['direct', 'connect', 'mcp'] as const).filter((path) => !stage.failures.has(path))
  const sessions = await measureNewSessions({ worker: stage.worker, starts }, SESSION_ROUNDS / haste, signal)
  return { results: { calls, sessions, lists }, failures: stage.failures }
}

async function measureCalls(
  { contestants }: FaceStage,
  { haste, progress }: { haste: number; progress: Progress },
  signal: AbortSignal,
): Promise<FaceResults['calls']> {
  const calls: Partial<FaceResults['calls']> = {}
  for (const load of LOADS) {
    progress.say(load.id)
    calls[load.id] = await measure({ ...load, rounds: load.rounds / haste }, contestants, signal)
  }
  return calls as FaceResults['calls']
}

function render({ results, failures }: Measured, paint: Paint): string {
  const machine = `Node ${process.versions.node} on ${availableParallelism()} cores`
  const { calls, sessions } = results
  const lines = [
    ` ${paint('title', 'The faces of the worker, official clients')}   ${paint('quiet', machine)}`,
    '',
    ...renderTimes({ ...calls, 'new session': sessions }, TITLES, paint),
    ...Array.from(failures, ([path, why]) => ` ${paint('bad', `${TITLES[path]} does not work: ${why}`)}`),
    '',
    ...renderGoals(goalsOf(results), paint),
  ]
  return `\n${lines.join('\n')}\n`
}

function print(text: string): void {
  process.stdout.write(text)
}

await main()
