import { hasten, type Load, measure } from '../pool/measure.ts'
import { renderTimes } from '../pool/render-times.ts'
import { type MeasureOptions, runSection } from '../section.ts'
import { summariesOf } from '../summaries.ts'
import { KNOWN_SERVERS, measureLists } from './first-lists.ts'
import { type FaceResults, goalsOf, TITLES } from './goals.ts'
import { measureNewSessions } from './new-sessions.ts'
import { type FaceStage, openStage } from './stage.ts'

const LOADS: readonly Load[] = [
  { id: 'call', length: 20, concurrency: 1, calls: 700, rounds: 9 },
  { id: 'calls at 100', length: 20, concurrency: 100, calls: 2_000, rounds: 6 },
  { id: '100 KB', length: 100_000, concurrency: 1, calls: 100, rounds: 9 },
  { id: '5 MB', length: 5_000_000, concurrency: 1, calls: 5, rounds: 6 },
]
const SESSION_ROUNDS = 15
const FRONTS = 20

interface Measured {
  results: FaceResults
  failures: FaceStage['failures']
}

async function measureAll(options: MeasureOptions, signal: AbortSignal): Promise<Measured> {
  const { quick, say } = options
  const haste = quick ? 5 : 1
  say(`the lists of ${KNOWN_SERVERS} servers`)
  const lists = await measureLists(Math.ceil(FRONTS / haste), signal)
  say('starting a worker and servers')
  await using stage = await openStage()
  const calls = await measureCalls(stage, options, signal)
  say('new sessions')
  const starts = (['direct', 'connect', 'mcp'] as const).filter((path) => !stage.failures.has(path))
  const sessions = await measureNewSessions({ worker: stage.worker, starts }, Math.ceil(SESSION_ROUNDS / haste), signal)
  return { results: { calls, sessions, lists }, failures: stage.failures }
}

async function measureCalls(
  { contestants }: FaceStage,
  { quick, say }: MeasureOptions,
  signal: AbortSignal,
): Promise<FaceResults['calls']> {
  const calls: FaceResults['calls'] = {}
  for (const load of quick ? LOADS.filter(({ id }) => id !== 'calls at 100').map(hasten) : LOADS) {
    say(load.id)
    calls[load.id] = await measure(load, contestants, signal)
  }
  return calls
}

await runSection<Measured>({
  id: 'faces',
  title: 'The faces of the worker, official clients',
  help: `Measures what an official client meets at each face of the worker: a tool call of a warm server, a new session,
and the list of tools while no server runs.

  npm run bench:faces                two minutes or three
  npm run bench:faces -- --quick     a third of it, noisier
  npm run bench:faces -- --json      the results as JSON instead of tables
`,
  measure: measureAll,
  render: ({ results: { calls, sessions }, failures }, paint) => [
    ...renderTimes({ ...calls, 'new session': sessions }, TITLES, paint),
    ...Array.from(failures, ([path, why]) => ` ${paint('bad', `${TITLES[path]} does not work: ${why}`)}`),
  ],
  goalsOf: ({ results }) => goalsOf(results),
  toJson: ({ results: { calls, sessions, lists }, failures }) => ({
    ...summariesOf({ ...calls, 'new session': sessions }),
    lists,
    left_out: Object.fromEntries(failures),
  }),
})
