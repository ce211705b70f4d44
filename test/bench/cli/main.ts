import { spawnSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackgroundHome } from '../../support/background-home.ts'
import { runPilot } from '../../support/run-pilot.ts'
import { PILOT } from '../../support/worker-process.ts'
import type { MeasuredGoal } from '../goal.ts'
import { createPaint } from '../paint.ts'
import { renderGoals } from '../render-goals.ts'
import { percentile, ratioOfMedians } from '../samples.ts'

// What a command of `pilot` takes in its whole life: warm against an empty Node, and with no service against the server's own start.

const TYPED = join(import.meta.dirname, '../../fixtures/servers/typed.cjs')
const ROUNDS = 5
const COMMANDS_PER_ROUND = 15
const FIRST_CALLS = 7
const SAY = ['call', 'typed', 'say', '--message', 'hi']
const FIND = ['find', 'give back arguments', '--json']

await using home = await BackgroundHome.create()
const configPath = join(home.path, 'mcp.json')
const configuration = { mcpServers: { typed: { command: process.execPath, args: [TYPED] } } }
await writeFile(configPath, JSON.stringify(configuration), { mode: 0o600 })
const variables = { ...home.variables, PILOTLIGHT_CONFIG: configPath }
const firstCalls = await measureFirstCalls()
const { call, find } = measureWarm()
console.log(renderGoals([call, find, firstCalls], createPaint(process.stdout)).join('\n'))

/** Milliseconds of a Node program's whole life. Throws where it fails. */
function lifeOf(args: readonly string[]): number {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env: variables })
  const tookMs = performance.now() - startedAt
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${String(stderr)}`)
  return tookMs
}

function measureWarm(): { call: MeasuredGoal; find: MeasuredGoal } {
  const times = { empty: [] as number[][], call: [] as number[][], find: [] as number[][] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const list of Object.values(times)) list.push([])
    for (let count = 0; count < COMMANDS_PER_ROUND; count++) {
      times.empty[round]?.push(lifeOf(['-e', '0']))
      times.call[round]?.push(lifeOf([PILOT, ...SAY]))
      times.find[round]?.push(lifeOf([PILOT, ...FIND]))
    }
  }
  return { call: toGoal('pilot call', times.call, times.empty), find: toGoal('pilot find', times.find, times.empty) }
}

function toGoal(command: string, times: number[][], empty: number[][]): MeasuredGoal {
  const spread = ratioOfMedians(times, empty)
  const what = `${command}, warm; node -e 0 = 1`
  return { id: 'G8', what, unit: 'ratio', bound: 'at most', must: 1.35, aim: 1.2, measured: spread.ratio, spread }
}

/** The first call with no service and nothing remembered, less what the server takes to start and answer by itself. */
async function measureFirstCalls(): Promise<MeasuredGoal> {
  const over: number[] = []
  for (let count = 0; count < FIRST_CALLS; count++) {
    await runPilot(['service', 'stop'], { variables })
    await rm(join(home.path, 'cache/pilotlight/catalog'), { recursive: true, force: true })
    const tookMs = lifeOf([PILOT, ...SAY])
    over.push(tookMs - ownStart())
  }
  const what = `first call with no service, over the server's own start (${over.length} of each)`
  return { id: 'D', what, unit: 'ms', bound: 'at most', must: 400, measured: percentile(over, 0.5) }
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
