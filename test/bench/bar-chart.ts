/** One bar: `value` is drawn, `text` stands behind it. `ours` is set off from the others. */
export interface Bar {
  readonly label: string
  readonly value: number
  readonly text: string
  readonly ours: boolean
}

/** What a chart shows. `least` is where the scale begins, which is logarithmic. */
export interface Chart {
  readonly title: string
  readonly subtitle: string
  readonly least: number
  readonly bars: readonly Bar[]
}

const WIDTH = 860
const LABEL_WIDTH = 260
const TEXT_WIDTH = 90
const BAR_HEIGHT = 20
const ROW_HEIGHT = 28
const HEAD_HEIGHT = 64
const SHORTEST = 2

// Legible on a light page and on a dark one.
const STYLE = `text{font:13px system-ui,sans-serif;fill:#7d8590}.title{font-size:16px;font-weight:600}.ours{fill:#d9730d;font-weight:600}
rect{fill:#8b949e}rect.ours{fill:#d9730d}`

/** A chart of bars as SVG, longest bar at the full width. What stands in it is escaped. */
export function barChart({ title, subtitle, least, bars }: Chart): string {
  const longest = Math.max(...bars.map(({ value }) => value))
  const room = WIDTH - LABEL_WIDTH - TEXT_WIDTH
  const lengthOf = (value: number) => Math.max(SHORTEST, (Math.log(value / least) / Math.log(longest / least)) * room)
  const rows = bars.map(({ label, value, text, ours }, index) => {
    const top = HEAD_HEIGHT + index * ROW_HEIGHT
    const length = lengthOf(value).toFixed(1)
    const kind = ours ? ' class="ours"' : ''
    const baseline = top + BAR_HEIGHT - 5
    return [
      `<text${kind} x="${LABEL_WIDTH - 8}" y="${baseline}" text-anchor="end">${escape(label)}</text>`,
      `<rect${kind} x="${LABEL_WIDTH}" y="${top}" width="${length}" height="${BAR_HEIGHT}" rx="2"/>`,
      `<text${kind} x="${(LABEL_WIDTH + Number(length) + 6).toFixed(1)}" y="${baseline}">${escape(text)}</text>`,
    ].join('')
  })
  const height = HEAD_HEIGHT + bars.length * ROW_HEIGHT + 8
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escape(title)}</title><style>${STYLE}</style>`,
    `<text class="title" x="0" y="20">${escape(title)}</text><text x="0" y="42">${escape(subtitle)}</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
