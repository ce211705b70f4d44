import { type Bar, barChart } from './bar-chart.ts'
import { formatBytes, formatCount, formatDuration, formatRatio } from './format.ts'
import { bytesOfAllCopies, CLIENTS, type MemoryResults, type Processes, SERVERS } from './pool/measure-memory.ts'
import type { Ratio, Summary } from './samples.ts'

/** A chart drawn from what a section left in its results. */
interface SectionChart {
  readonly section: string
  /** Of the file, without `.svg`. */
  readonly name: string
  readonly draw: (results: never) => string
}

/** What the results of every section say. */
interface SectionResults {
  readonly node: string
  readonly cores: number
}

interface FindToolsResults extends SectionResults {
  readonly latency_ms: Readonly<Record<string, Summary & { title: string }>>
}

/** Calls by load and way, each beside the same with nothing between. */
interface CallResults extends SectionResults {
  readonly calls: { readonly call: Readonly<Record<string, Summary & { to_direct: Ratio }>> }
}

interface CommandResults extends SectionResults {
  readonly warm: Readonly<Record<string, Summary & { to_direct: Ratio }>>
}

interface PoolResults extends SectionResults {
  readonly memory: Pick<MemoryResults, 'shared' | 'around' | 'copies'>
}

// The others are what ours are compared with.
const OUR_PATHS = /^(worker|front)$/
const OUR_FACES = /^(pilot |\/mcp)/
const COMMANDS: Readonly<Record<string, string>> = {
  direct: 'node -e 0',
  call: 'pilot call',
  find: 'pilot find',
  mcporter: 'mcporter call',
}

/** Every chart that the results are shown in. */
export const CHARTS: readonly SectionChart[] = [
  {
    section: 'find-tools',
    name: 'find-tools',
    draw: ({ latency_ms, ...results }: FindToolsResults) =>
      barChart({
        title: 'One find_tools call',
        subtitle: 'median time of a call, logarithmic scale; shorter is better',
        note: noteOf(Object.values(latency_ms), results),
        least: 0.01,
        mark: formatDuration,
        bars: Object.entries(latency_ms).map(
          ([path, { title, p50, lowestRoundP50: lowest, highestRoundP50: highest }]): Bar => ({
            label: title,
            value: p50,
            text: formatDuration(p50),
            spread: { lowest, highest },
            ours: OUR_PATHS.test(path),
          }),
        ),
      }),
  },
  {
    section: 'peers',
    name: 'warm-call',
    draw: ({ calls, ...results }: CallResults) =>
      barChart({
        title: 'A tool call of a warm server, by an official client',
        subtitle: 'median time of a call, the same call with nothing between = 1, logarithmic scale; shorter is better',
        note: noteOf(Object.values(calls.call), results),
        least: 0.5,
        mark: formatRatio,
        bars: Object.entries(calls.call).map(([way, { to_direct }]) => ratioBar(way, to_direct, OUR_FACES.test(way))),
      }),
  },
  {
    section: 'cli',
    name: 'commands',
    draw: ({ warm, ...results }: CommandResults) =>
      barChart({
        title: 'The whole life of a command, its service warm',
        subtitle: 'median time from start to end, an empty Node = 1, logarithmic scale; shorter is better',
        note: noteOf(Object.values(warm), results),
        least: 0.5,
        mark: formatRatio,
        bars: Object.entries(warm).map(([command, { to_direct }]) => {
          const title = COMMANDS[command] ?? command
          return ratioBar(title, to_direct, title.startsWith('pilot '))
        }),
      }),
  },
  {
    section: 'pool',
    name: 'memory',
    draw: ({ memory: { shared, around, copies }, ...results }: PoolResults) =>
      barChart({
        title: `${CLIENTS} clients of ${SERVERS} servers`,
        subtitle:
          'memory of servers and worker, shared, and of a copy for each client (PSS), logarithmic scale; shorter is better',
        note: `${copies.clients === CLIENTS ? 'n = 1' : `copies worked out from those of ${copies.clients} clients`} · ${machineOf(results)} · npm run bench`,
        least: 1e8,
        mark: formatBytes,
        bars: [
          memoryBar('shared', {
            count: shared.count + around.count,
            bytes: shared.bytes + around.bytes,
          }),
          {
            ...memoryBar('copies', { count: CLIENTS * SERVERS, bytes: bytesOfAllCopies({ shared, copies }) }),
            ours: false,
          },
        ],
      }),
  },
]

function ratioBar(label: string, { ratio, ...spread }: Ratio, ours: boolean): Bar {
  return { label, value: ratio, text: formatRatio(ratio), spread, ours }
}

function memoryBar(label: string, { count, bytes }: Processes): Bar {
  return { label: `${label} (${formatCount(count)} processes)`, value: bytes, text: formatBytes(bytes), ours: true }
}

function noteOf(summaries: readonly Pick<Summary, 'calls'>[], results: SectionResults): string {
  const counts = summaries.map(({ calls }) => calls)
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)].map(formatCount)
  const calls = fewest === most ? fewest : `${fewest} to ${most}`
  return `n = ${calls} each, in turns; thin lines: medians of single rounds · ${machineOf(results)} · npm run bench`
}

function machineOf({ node, cores }: SectionResults): string {
  return `Node ${node.split('.')[0]}, ${cores} cores`
}
