import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { buildPrograms } from '../../../scripts/build.ts'
import { abortOnStopSignals } from '../../support/stop-signals.ts'
import { createPaint, type Paint } from '../paint.ts'
import { createProgress, type Progress } from '../progress.ts'
import { renderGoals } from '../render-goals.ts'
import { goalsOf, memoryGoalsOf, type Results } from './goals.ts'
import { type Load, measure } from './measure.ts'
import { type MemoryResults, measureMemory } from './measure-memory.ts'
import { renderMemory } from './render-memory.ts'
import { renderTimes } from './render-times.ts'
import { openStage, type Path } from './stage.ts'

const HELP = `Measures a tool call of a warm server, directly and through the worker, and what memory the worker takes and saves.

  npm run bench:pool                a minute or two
  npm run bench:pool -- --quick     half of it, noisier
  npm run bench:pool -- --memory    memory alone
`
const LOADS: readonly Load[] = [
  { id: 'call', length: 20, concurrency: 1, calls: 2_000, rounds: 12 },
  { id: 'calls at 100', length: 20, concurrency: 100, calls: 10_000, rounds: 9 },
  { id: '100 KB', length: 100_000, concurrency: 1, calls: 200, rounds: 9 },
  { id: '5 MB', length: 5_000_000, concurrency: 1, calls: 6, rounds: 9 },
]
const TITLES: Record<Path, string> = { direct: 'direct', socket: 'socket', connect: 'pilot connect' }

interface Measured {
  times: Results | undefined
  memory: MemoryResults
}

async function main(): Promise<void> {
  const { quick, memory, help } = parseArgs({
    options: { quick: { type: 'boolean' }, memory: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  }).values
  if (help) return print(HELP)
  using stop = abortOnStopSignals()
  await buildPrograms()
  const loads = quick ? LOADS.map((load) => ({ ...load, rounds: 3 })) : LOADS
  print(render(await measureAll(memory ? [] : loads, stop), createPaint(process.stdout)))
}

/** Times are undefined where no load was to be measured. */
async function measureAll(loads: readonly Load[], signal: AbortSignal): Promise<Measured> {
  using progress = createProgress(process.stderr)
  const times = loads.length === 0 ? undefined : await measureTimes(loads, progress, signal)
  return { times, memory: await measureMemory((what) => progress.say(what), signal) }
}

async function measureTimes(loads: readonly Load[], progress: Progress, signal: AbortSignal): Promise<Results> {
  progress.say('starting a worker and a server')
  await using stage = await openStage()
  const results: Partial<Results> = {}
  for (const load of loads) {
    progress.say(load.id)
    results[load.id] = await measure(load, stage.contestants, signal)
  }
  return results as Results
}

function render({ times, memory }: Measured, paint: Paint): string {
  const machine = `Node ${process.versions.node} on ${availableParallelism()} cores`
  const lines = [
    ` ${paint('title', 'Warm servers')}   ${paint('quiet', machine)}`,
    '',
    ...(times === undefined ? [] : [...renderTimes(times, TITLES, paint), '']),
    ...renderMemory(memory, paint),
    '',
    ...renderGoals([...(times === undefined ? [] : goalsOf(times)), ...memoryGoalsOf(memory)], paint),
  ]
  return `\n${lines.join('\n')}\n`
}

function print(text: string): void {
  process.stdout.write(text)
}

await main()
