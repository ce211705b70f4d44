import { svgDocument, textAt } from './svg.ts'

/** One bar: `value` is drawn, `text` stands behind it, `spread` is what single rounds had. `ours` is set off from the others. */
export interface Bar {
  readonly label: string
  readonly value: number
  readonly text: string
  readonly spread?: { readonly lowest: number; readonly highest: number }
  readonly ours: boolean
}

/** What a chart shows: on a logarithmic scale that begins at `least`, whose marks are told by `mark`. */
export interface Chart {
  readonly title: string
  /** What is shown, and in what unit. */
  readonly subtitle: string
  /** How it was measured. */
  readonly note: string
  readonly least: number
  readonly mark: (value: number) => string
  readonly bars: readonly Bar[]
}

const WIDTH = 860
const PADDING = 20
const LABEL_WIDTH = 280
const TEXT_WIDTH = 90
const BAR_HEIGHT = 18
const ROW_HEIGHT = 28
const HEAD_HEIGHT = 76
const FOOT_HEIGHT = 56
const SHORTEST = 2
const PLOT_LEFT = PADDING + LABEL_WIDTH
const PLOT_WIDTH = WIDTH - PLOT_LEFT - TEXT_WIDTH - PADDING

const LIGHT = `.ours{font-weight:600;fill:#b35309}rect.bar{fill:#afb8c1}rect.ours{fill:#e0731d}.grid{stroke:#e6e9ed}
.spread{fill:none;stroke:#1f2328;stroke-opacity:.6;stroke-width:1.5}`
const DARK =
  '.ours{fill:#ffa657}rect.bar{fill:#484f58}rect.ours{fill:#db6d28}.grid{stroke:#21262d}.spread{stroke:#f0f6fc}'

/** A chart of bars as SVG, the longest one at the full width. What stands in it is escaped. */
export function barChart(chart: Chart): string {
  const { title, subtitle, note, least, bars } = chart
  const longest = Math.max(...bars.map(({ value, spread }) => Math.max(value, spread?.highest ?? 0)))
  const lengthOf = (value: number) =>
    Math.max(SHORTEST, (Math.log(value / least) / Math.log(longest / least)) * PLOT_WIDTH)
  const plotBottom = HEAD_HEIGHT + bars.length * ROW_HEIGHT
  const height = plotBottom + FOOT_HEIGHT
  const body = [
    textAt({ x: PADDING, y: 34 }, 'title', title),
    textAt({ x: PADDING, y: 56 }, '', subtitle),
    ...marksOf(chart, longest).map((value) => drawMark(PLOT_LEFT + lengthOf(value), plotBottom, chart.mark(value))),
    ...bars.map((bar, index) => drawBar(bar, HEAD_HEIGHT + index * ROW_HEIGHT, lengthOf)),
    textAt({ x: PADDING, y: height - 16 }, 'quiet', note),
  ]
  return svgDocument({ width: WIDTH, height, title, light: LIGHT, dark: DARK, body })
}

/** The powers of ten that lie on the scale. */
function marksOf({ least }: Chart, longest: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(least) - 1e-9), Math.floor(Math.log10(longest))]
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => 10 ** (first + index))
}

function drawMark(x: number, bottom: number, text: string): string {
  const at = x.toFixed(1)
  const line = `<line class="grid" x1="${at}" x2="${at}" y1="${HEAD_HEIGHT - 6}" y2="${bottom}"/>`
  return line + textAt({ x, y: bottom + 16 }, 'quiet', text, 'middle')
}

function drawBar({ label, value, text, spread, ours }: Bar, top: number, lengthOf: (value: number) => number): string {
  const kind = ours ? 'ours' : ''
  const middle = top + BAR_HEIGHT / 2
  const [from, to] = [spread?.lowest ?? value, spread?.highest ?? value].map((one) => PLOT_LEFT + lengthOf(one)) as [
    number,
    number,
  ]
  return [
    textAt({ x: PLOT_LEFT - 10, y: middle + 4.5 }, kind, label, 'end'),
    `<rect class="bar ${kind}" x="${PLOT_LEFT}" y="${top}" width="${lengthOf(value).toFixed(1)}" height="${BAR_HEIGHT}" rx="3"/>`,
    to - from < 1 ? '' : drawSpread(from, to, middle),
    textAt({ x: Math.max(to, PLOT_LEFT + lengthOf(value)) + 8, y: middle + 4.5 }, kind, text),
  ].join('')
}

/** A line from the lowest to the highest, with its ends. */
function drawSpread(from: number, to: number, middle: number): string {
  const [left, right] = [from.toFixed(1), to.toFixed(1)]
  const end = `${middle - 4}v8`
  return `<path class="spread" d="M${left} ${middle}H${right}M${left} ${end}M${right} ${end}"/>`
}
