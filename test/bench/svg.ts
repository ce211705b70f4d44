/** Text that may stand in an SVG. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

// A chart has its own ground, as nobody knows what page it will stand on.
const LIGHT = '.ground{fill:#fff;stroke:#d0d7de}text{fill:#424a53}.title{fill:#1f2328}.quiet{fill:#6e7781}'
const DARK = '.ground{fill:#0d1117;stroke:#30363d}text{fill:#c9d1d9}.title{fill:#f0f6fc}.quiet{fill:#8b949e}'
const FONTS =
  'text{font:13px system-ui,-apple-system,sans-serif}.title{font-size:17px;font-weight:600}.quiet{font-size:12px}'

/** A chart as SVG, on a light page and on a dark one. The styles are CSS; what stands in it must be escaped already. */
export function svgDocument({
  width,
  height,
  title,
  light,
  dark,
  body,
}: Record<'width' | 'height', number> &
  Record<'title' | 'light' | 'dark', string> & { body: readonly string[] }): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${FONTS}${LIGHT}${light}@media(prefers-color-scheme:dark){${DARK}${dark}}</style>`,
    `<rect class="ground" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n')
}

/** A piece of text with its classes, from `x` on unless it is anchored otherwise. */
export function textAt({ x, y }: { x: number; y: number }, classes: string, text: string, anchor = 'start'): string {
  const kind = classes === '' ? '' : ` class="${classes}"`
  return `<text${kind} x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escapeXml(text)}</text>`
}
