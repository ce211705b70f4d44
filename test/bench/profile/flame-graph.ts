import { escapeXml, svgDocument, textAt } from '../svg.ts'
import type { Call } from './call-tree.ts'

/** A call and where it stands: its depth, where it begins and how wide it is, as parts of the whole. */
interface Placed {
  readonly call: Call
  readonly depth: number
  readonly from: number
}

const WIDTH = 1_200
const PADDING = 20
const HEAD_HEIGHT = 72
const ROW_HEIGHT = 18
const FOOT_HEIGHT = 44
const PLOT_WIDTH = WIDTH - 2 * PADDING
/** What is narrower says nothing. */
const LEAST_PART = 0.002
const CHARACTER_WIDTH = 6.4
const FEWEST_CHARACTERS = 3

const LIGHT = `.call text{font:11px ui-monospace,monospace;fill:#1f2328}.ours{fill:#f0883e}.node{fill:#d8dee4}.engine{fill:#b6c8e8}
.call rect{stroke:#fff;stroke-width:.5}`
const DARK =
  '.call text{fill:#f0f6fc}.ours{fill:#bd561d}.node{fill:#373e47}.engine{fill:#2d4469}.call rect{stroke:#0d1117}'

/** Who called whom as a flame graph in SVG: callers above, each as wide as the part of all work it took with what it called. */
export function flameGraph(root: Call, { title, note }: { title: string; note: string }): string {
  const placed = place({ call: root, depth: -1, from: 0 }).slice(1)
  const depth = Math.max(0, ...placed.map((one) => one.depth))
  const height = HEAD_HEIGHT + (depth + 1) * ROW_HEIGHT + FOOT_HEIGHT
  const body = [
    textAt({ x: PADDING, y: 34 }, 'title', title),
    textAt(
      { x: PADDING, y: 56 },
      '',
      "width: part of the worker's work · orange: ours and bundled, grey: Node's, blue: the engine's",
    ),
    ...placed.map(draw),
    textAt({ x: PADDING, y: height - 16 }, 'quiet', note),
  ]
  return svgDocument({ width: WIDTH, height, title, light: LIGHT, dark: DARK, body })
}

function place(one: Placed): Placed[] {
  let from = one.from
  const callees = one.call.callees.flatMap((call) => {
    const here = { call, depth: one.depth + 1, from }
    from += call.total
    return call.total < LEAST_PART ? [] : place(here)
  })
  return [one, ...callees]
}

function draw({ call, depth, from }: Placed): string {
  const [x, y] = [PADDING + from * PLOT_WIDTH, HEAD_HEIGHT + depth * ROW_HEIGHT]
  const width = call.total * PLOT_WIDTH
  const room = Math.floor((width - 6) / CHARACTER_WIDTH)
  const label = room < FEWEST_CHARACTERS ? '' : textAt({ x: x + 3, y: y + 12.5 }, '', shorten(call.name, room))
  const size = `width="${width.toFixed(1)}" height="${ROW_HEIGHT - 1}"`
  const share = `${(call.total * 100).toFixed(1)} %, itself ${(call.self * 100).toFixed(1)} %`
  return `<g class="call"><title>${escapeXml(call.name)}: ${share}</title><rect class="${call.owner}" x="${x.toFixed(1)}" y="${y}" ${size}/>${label}</g>`
}

function shorten(name: string, characters: number): string {
  return name.length <= characters ? name : `${name.slice(0, characters - 1)}…`
}
