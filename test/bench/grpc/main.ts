import { Agent, get } from 'node:http'
import { credentials } from '@grpc/grpc-js'
import { controlSocketPath, grpcSocketPath } from '../../../shared/server-socket.ts'
import { McpDaemonClient } from '../../../worker-service/grpc/generated/mcp_daemon/mcp_daemon.ts'
import { OwnWorker } from '../../support/own-worker.ts'
import { residentBytes } from '../../support/process-memory.ts'
import { formatBytes, formatDuration } from '../format.ts'
import type { MeasuredGoal } from '../goal.ts'
import type { Paint } from '../paint.ts'
import { type Contestant, measure, type Times } from '../pool/measure.ts'
import { summarize } from '../samples.ts'
import { type MeasureOptions, runSection } from '../section.ts'
import { type Column, renderTable } from '../table.ts'

const HELP = `Measures how long the worker takes to say over gRPC, on its private socket, that it is healthy, beside the same
question over HTTP, and what speaking gRPC adds to its memory.

  npm run bench:grpc                a quarter of a minute
  npm run bench:grpc -- --quick     a third of it, noisier
`
const LOAD = { id: 'call', length: 0, concurrency: 1, calls: 2_000 } as const
const ROUNDS = 9
const TITLES = { grpc: 'gRPC, Health on grpc.sock', http: 'HTTP, GET /health on control.sock' }
type Path = keyof typeof TITLES

interface Results {
  times: Times<Path>
  /** Resident bytes of the worker before its first gRPC connection, after one call, and after the run. */
  memory: { before: number; first: number; after: number }
}

async function measureHealth({ quick, say }: MeasureOptions, signal: AbortSignal): Promise<Results> {
  say('starting a worker')
  await using worker = await OwnWorker.start({})
  const held = () => residentBytes(worker.program.pid) ?? Number.NaN
  const { runtime } = worker
  const before = held()
  const client = new McpDaemonClient(`unix:${grpcSocketPath(runtime)}`, credentials.createInsecure())
  const agent = new Agent({ keepAlive: true })
  try {
    await overGrpc(client)
    const first = held()
    const contestants: Contestant<Path>[] = [
      { path: 'grpc', call: () => overGrpc(client) },
      { path: 'http', call: () => overHttp(controlSocketPath(runtime), agent) },
    ]
    say('asking whether it is healthy')
    const times = await measure({ ...LOAD, rounds: quick ? ROUNDS / 3 : ROUNDS }, contestants, signal)
    return { times, memory: { before, first, after: held() } }
  } finally {
    client.close()
    agent.destroy()
  }
}

function overGrpc(client: McpDaemonClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.health({}, (error) => (error === null ? resolve() : reject(error)))
  })
}

function overHttp(socketPath: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, agent, path: '/health' }, (response) => response.resume().on('end', resolve))
    request.on('error', reject)
  })
}

function render({ times, memory }: Results, paint: Paint): string[] {
  const titles = ['whether it is healthy', 'n', 'p50', 'p99', 'p50 of a round']
  const columns = titles.map((title, index): Column => ({ title, align: index === 0 ? 'left' : 'right' }))
  const rows = Object.entries(times).map(([path, rounds]) => {
    const { calls, p50, p99, lowestRoundP50, highestRoundP50 } = summarize(rounds)
    const spread = `${formatDuration(lowestRoundP50)} to ${formatDuration(highestRoundP50)}`
    return [TITLES[path as Path], String(calls), formatDuration(p50), formatDuration(p99), spread]
  })
  const { before, first, after } = memory
  const held = `The worker held ${formatBytes(before)}, ${formatBytes(first)} after its first gRPC call`
  return [...renderTable(columns, rows, paint), '', ` ${held} and ${formatBytes(after)} in the end.`]
}

function goalsOf({ times }: Results): MeasuredGoal[] {
  const { p50, lowestRoundP50, highestRoundP50 } = summarize(times.grpc)
  const spread = { lowest: lowestRoundP50, highest: highestRoundP50 }
  const what = 'gRPC, Health over the socket, p50'
  return [{ id: 'gRPC', what, unit: 'ms', bound: 'at most', must: 0.6, measured: p50, spread }]
}

await runSection<Results>({
  id: 'grpc',
  title: 'gRPC',
  help: HELP,
  measure: measureHealth,
  render,
  goalsOf,
  toJson: ({ times, memory }) => ({ grpc: summarize(times.grpc), http: summarize(times.http), memory_bytes: memory }),
})
