import { type Bar, barChart } from './bar-chart.ts'
import { formatDuration, formatRatio } from './format.ts'

/** A chart drawn from what a section left in its results. */
interface SectionChart {
  readonly section: string
  /** Of the file, without `.svg`. */
  readonly name: string
  draw(results: never): string
}

interface FindToolsResults {
  latency_ms: Record<string, { title: string; p50: number }>
}

interface PeersResults {
  calls: { call: Record<string, { to_direct: { ratio: number } }> }
}

// The others are what ours are compared with.
const OUR_PATHS = /^(worker|front)$/
const OUR_FACES = /^(pilot |\/mcp)/

/** Every chart that the results are shown in. */
export const CHARTS: readonly SectionChart[] = [
  {
    section: 'find-tools',
    name: 'find-tools',
    draw: ({ latency_ms }: FindToolsResults) =>
      barChart({
        title: 'One find_tools call',
        subtitle: 'median time, logarithmic scale',
        least: 0.005,
        bars: Object.entries(latency_ms).map(
          ([path, { title, p50 }]): Bar => ({
            label: title,
            value: p50,
            text: formatDuration(p50),
            ours: OUR_PATHS.test(path),
          }),
        ),
      }),
  },
  {
    section: 'peers',
    name: 'warm-call',
    draw: ({ calls }: PeersResults) =>
      barChart({
        title: 'A tool call of a warm server, official client',
        subtitle: 'median time, the same call with nothing between = 1, logarithmic scale',
        least: 0.5,
        bars: Object.entries(calls.call).map(
          ([way, { to_direct }]): Bar => ({
            label: way,
            value: to_direct.ratio,
            text: formatRatio(to_direct.ratio),
            ours: OUR_FACES.test(way),
          }),
        ),
      }),
  },
]
