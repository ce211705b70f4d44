import type { Progress } from '../progress.ts'
import { type MeasureOptions, runSection } from '../section.ts'
import { summariesOf } from '../summaries.ts'
import { goalsOf, memoryGoalsOf, type Results } from './goals.ts'
import { hasten, type Load, measure } from './measure.ts'
import { KNOWN_SERVERS, type MemoryResults, measureMemory, startKnowing } from './measure-memory.ts'
import { renderMemory } from './render-memory.ts'
import { renderTimes } from './render-times.ts'
import { openStage, type Path } from './stage.ts'

const LOADS: readonly Load[] = [
  { id: 'call', length: 20, concurrency: 1, calls: 1_500, rounds: 12 },
  { id: 'calls at 100', length: 20, concurrency: 100, calls: 10_000, rounds: 9 },
  { id: '100 KB', length: 100_000, concurrency: 1, calls: 200, rounds: 9 },
  { id: '5 MB', length: 5_000_000, concurrency: 1, calls: 5, rounds: 9 },
]
const TITLES: Record<Path, string> = {
  direct: 'direct',
  socket: 'socket',
  relay: 'bytes passed on',
  connect: 'pilot connect',
  shim: 'bytes passed on twice',
}

interface Measured {
  times: Results
  memory: MemoryResults
}

async function measureAll(options: MeasureOptions, signal: AbortSignal): Promise<Measured> {
  const { quick, say } = options
  const loads = quick ? LOADS.map(hasten) : LOADS
  say(`a worker that knows ${KNOWN_SERVERS} servers`)
  await using knowing = await startKnowing(quick)
  const times = await measureTimes(loads, say, signal)
  return { times, memory: await measureMemory(knowing, options, signal) }
}

async function measureTimes(loads: readonly Load[], say: Progress['say'], signal: AbortSignal): Promise<Results> {
  say('starting a worker and a server')
  await using stage = await openStage()
  const results: Partial<Results> = {}
  for (const load of loads) {
    say(load.id)
    results[load.id] = await measure(load, stage.contestants, signal)
  }
  return results as Results
}

await runSection<Measured>({
  id: 'pool',
  title: 'Warm servers',
  help: `Measures a tool call of a warm server, directly, through the worker and through programs that only pass bytes on, and what
memory the worker takes and saves.

  npm run bench:pool                a minute or two
  npm run bench:pool -- --quick     half of it, noisier
  npm run bench:pool -- --json      the results as JSON instead of tables
`,
  measure: measureAll,
  render: ({ times, memory }, paint) => [...renderTimes(times, TITLES, paint), '', ...renderMemory(memory, paint)],
  goalsOf: ({ times, memory }) => [...goalsOf(times), ...memoryGoalsOf(memory)],
  toJson: ({ times, memory }) => ({ calls: summariesOf(times), memory }),
})
