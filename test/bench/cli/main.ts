import { spawnSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackgroundHome } from '../../support/background-home.ts'
import { runPilot } from '../../support/run-pilot.ts'
import { PILOT } from '../../support/worker-process.ts'
import type { MeasuredGoal } from '../goal.ts'
import { renderTimes } from '../pool/render-times.ts'
import { reasonOf } from '../reason-of.ts'
import { percentile, ratioOfMedians } from '../samples.ts'
import { type MeasureOptions, runSection } from '../section.ts'
import { summariesOf } from '../summaries.ts'
import { openMcporter } from './mcporter.ts'

const TYPED = join(import.meta.dirname, '../../fixtures/servers/typed.cjs')
// Commands of each kind in a round, but of another's which takes ten times as long: of that there is one for several of ours.
const THOROUGH = { rounds: 5, perRound: 15, ofOthers: 5 }
const QUICK = { rounds: 2, perRound: 10, ofOthers: 1 }
const FIRST_CALLS = 7
const SAY = ['call', 'typed', 'say', '--message', 'hi']
const TITLES = {
  direct: 'node -e 0',
  call: 'pilot call, warm',
  find: 'pilot find, warm',
  mcporter: 'mcporter call, its daemon warm',
}
const FIND = ['find', 'give back arguments', '--json']

/** The home that the commands of this run have. */
interface Scene {
  readonly home: BackgroundHome
  readonly variables: Readonly<Record<string, string>>
}

/** Milliseconds of whole lives, one list per round; what a first call took over the server's own start. */
interface Results {
  /** What nothing was measured of has no rounds. */
  readonly warm: Record<Command, number[][]>
  readonly firstCalls: number[]
  /** Why another program is left out, by its name. */
  readonly leftOut: Readonly<Record<string, string>>
}

type Command = 'empty' | 'call' | 'find' | 'mcporter'
type Lives = Readonly<Partial<Record<Command, () => number>>>

await runSection<Results>({
  id: 'cli',
  title: 'Commands, from start to end',
  help: `Measures what pilot call and pilot find take in their whole lives beside an empty Node and beside mcporter, which is
fetched once into the cache folder, and a first call with no service beside the server's own start.

  npm run bench:cli                half a minute
  npm run bench:cli -- --quick     a third of it, noisier
  npm run bench:cli -- --json      the results as JSON instead of a table
`,
  measure: measureCommands,
  render: ({ warm, leftOut }, paint) => [
    ...renderTimes({ 'whole life': byTitle(warm) }, TITLES, paint),
    ...Object.entries(leftOut).map(([name, why]) => ` ${paint('bad', `${name} is left out: ${why}`)}`),
  ],
  goalsOf,
  toJson: ({ warm, firstCalls, leftOut }) => ({
    ...summariesOf({ warm: byTitle(warm) }),
    first_calls_ms: firstCalls,
    left_out: leftOut,
  }),
})

async function measureCommands({ quick, say }: MeasureOptions, signal: AbortSignal): Promise<Results> {
  await using home = await BackgroundHome.create()
  const configPath = join(home.path, 'mcp.json')
  const server = { command: process.execPath, args: [TYPED] }
  await writeFile(configPath, JSON.stringify({ mcpServers: { typed: server } }), { mode: 0o600 })
  const scene = { home, variables: { ...home.variables, PILOTLIGHT_CONFIG: configPath } }
  say('first calls')
  const firstCalls = await measureFirstCalls(scene, quick ? 3 : FIRST_CALLS)
  const own: Lives = {
    empty: () => lifeOf(['-e', '0'], scene),
    call: () => lifeOf([PILOT, ...SAY], scene),
    find: () => lifeOf([PILOT, ...FIND], scene),
  }
  say('mcporter')
  const opened = await openMcporter(join(home.path, 'mcporter'), server, signal).catch((thrown: unknown) => {
    signal.throwIfAborted()
    return reasonOf(thrown)
  })
  say('warm commands')
  const plan = quick ? QUICK : THOROUGH
  if (typeof opened === 'string') return { firstCalls, warm: measureWarm(own, plan), leftOut: { mcporter: opened } }
  using mcporter = opened
  const lives = { ...own, mcporter: () => lifeOf(mcporter.args, mcporter) }
  return { firstCalls, warm: measureWarm(lives, plan), leftOut: {} }
}

/** Milliseconds of a Node program's whole life. Throws where it fails. */
function lifeOf(args: readonly string[], { variables }: Pick<Scene, 'variables'>): number {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env: variables })
  const tookMs = performance.now() - startedAt
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${String(stderr)}`)
  return tookMs
}

function measureWarm(lives: Lives, { rounds, perRound, ofOthers }: typeof THOROUGH): Results['warm'] {
  const warm: Results['warm'] = { empty: [], call: [], find: [], mcporter: [] }
  const commands = Object.entries(lives) as [Command, () => number][]
  for (let round = 0; round < rounds; round++) {
    for (const [command] of commands) warm[command].push([])
    for (let count = 0; count < perRound; count++) {
      const inTurn = commands.filter(([command]) => command !== 'mcporter' || count < ofOthers)
      for (const [command, life] of inTurn) warm[command][round]?.push(life())
    }
  }
  return warm
}

/** First calls with no service and nothing remembered, each less what the server takes to start and answer by itself. */
async function measureFirstCalls(scene: Scene, calls: number): Promise<number[]> {
  const over: number[] = []
  for (let count = 0; count < calls; count++) {
    await runPilot(['service', 'stop'], { variables: scene.variables })
    await rm(join(scene.home.path, 'cache/pilotlight/catalog'), { recursive: true, force: true })
    over.push(lifeOf([PILOT, ...SAY], scene) - ownStart())
  }
  return over
}

// What the others are compared with is called so.
function byTitle({ empty: direct, call, find, mcporter }: Results['warm']) {
  return { direct, call, find, ...(mcporter.length > 0 && { mcporter }) }
}

function goalsOf({ warm, firstCalls }: Results): MeasuredGoal[] {
  const others = { title: 'mcporter', measured: ratioOfMedians(warm.mcporter, warm.empty).ratio }
  const peer = warm.mcporter.length > 0 && { peer: others }
  const life = (command: 'call' | 'find'): MeasuredGoal => {
    const { ratio, ...spread } = ratioOfMedians(warm[command], warm.empty)
    const what = `pilot ${command}, warm; node -e 0 = 1`
    const goal = { id: 'G8', what, unit: 'ratio', bound: 'at most', must: 1.35, aim: 1.2 } as const
    return { ...goal, measured: ratio, spread, ...peer }
  }
  const what = "a first call, less the server's own start"
  const first = { unit: 'ms', bound: 'at most', must: 400, measured: percentile(firstCalls, 0.5) } as const
  return [life('call'), life('find'), { id: 'first', what, ...first }]
}

/** Milliseconds from starting the server itself to its first result. */
function ownStart(): number {
  const frames = [
    { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} } },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'say', arguments: { message: 'hi' } } },
  ]
  const input = frames.map((frame) => `${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`).join('')
  const startedAt = performance.now()
  const { stdout } = spawnSync(process.execPath, [TYPED], { input })
  if (!String(stdout).includes('"id":2')) throw new Error('The server did not answer.')
  return performance.now() - startedAt
}
