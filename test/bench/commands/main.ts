import { formatDuration } from '../format.ts'
import type { MeasuredGoal } from '../goal.ts'
import type { Paint } from '../paint.ts'
import { type Rounds, ratioOfMedians, summarize } from '../samples.ts'
import { type MeasureOptions, runSection } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { openCommandStage, type Way } from './stage.ts'

const COMMANDS = 10
const WAYS: readonly Way[] = ['npx', 'connect', 'execute']
const TITLES: Record<Way | 'first' | 'second', string> = {
  first: 'first call, nothing downloaded yet',
  second: 'second call',
  npx: 'a command: npx each time',
  connect: 'a command: pilot connect, a process each time',
  execute: 'a command: POST execute',
}

/** Milliseconds of each call, one list per round. */
type Results = Record<keyof typeof TITLES, number[][]>

async function measure({ quick, say }: MeasureOptions, signal: AbortSignal): Promise<Results> {
  const rounds = quick ? 1 : 5
  const results: Results = { first: [], second: [], npx: [], connect: [], execute: [] }
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`)
    await using stage = await openCommandStage()
    results.first.push([await stage.run('execute')])
    results.second.push([await stage.run('execute')])
    const times: Record<Way, number[]> = { npx: [], connect: [], execute: [] }
    for (let command = 0; command < COMMANDS; command++) {
      for (const way of turn(WAYS, command)) {
        signal.throwIfAborted()
        times[way].push(await stage.run(way))
      }
    }
    for (const way of WAYS) results[way].push(times[way])
  }
  return results
}

function turn<T>(list: readonly T[], by: number): T[] {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

function renderTimes(results: Results, paint: Paint): string[] {
  const titles = ['until the answer', 'n', 'median', 'p90', 'median of a round', 'ten in all']
  const columns = titles.map((title, index): Column => ({ title, align: index === 0 ? 'left' : 'right' }))
  const rows = Object.entries(results).map(([id, rounds]) => {
    const { calls, p50, p90, lowestRoundP50, highestRoundP50 } = summarize(rounds)
    const spread = `${formatDuration(lowestRoundP50)} to ${formatDuration(highestRoundP50)}`
    const all = calls > rounds.length ? formatDuration(summarize(inAll(rounds)).p50) : ''
    return [TITLES[id as keyof Results], String(calls), formatDuration(p50), formatDuration(p90), spread, all]
  })
  return renderTable(columns, rows, paint)
}

function goalsOf({ first, second, npx, connect, execute }: Results): MeasuredGoal[] {
  const goal = (what: string, must: number, [over, under]: [Rounds, Rounds]): MeasuredGoal => {
    const { ratio, lowest, highest } = ratioOfMedians(over, under)
    return { id: 'npx', what, unit: 'ratio', bound: 'at most', must, measured: ratio, spread: { lowest, highest } }
  }
  return [
    goal('the second call to the first', 0.1, [second, first]),
    goal('ten pilot connect to ten npx', 0.3, [inAll(connect), inAll(npx)]),
    goal('ten POST execute to ten npx', 0.3, [inAll(execute), inAll(npx)]),
  ]
}

/** The commands of a round as one. */
function inAll(rounds: Rounds): number[][] {
  return rounds.map((round) => [round.reduce((sum, one) => sum + one, 0)])
}

await runSection<Results>({
  id: 'commands',
  title: 'A server started through npx',
  help: `Measures calls to a server that is started through npx: the first, the second, and ten commands, each
with a start of the server and through the worker. Needs the npm registry.

  npm run bench:commands                five rounds, each with an empty npm cache
  npm run bench:commands -- --quick     one round
  npm run bench:commands -- --json      the results as JSON instead of a table
`,
  measure,
  render: renderTimes,
  goalsOf,
  toJson: (results) => Object.fromEntries(Object.entries(results).map(([id, rounds]) => [id, summarize(rounds)])),
})
