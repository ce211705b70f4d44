import { describe, expect, it } from 'vitest'
import { type Bar, barChart } from './bar-chart.ts'

const bar = (label: string, value: number): Bar => ({ label, value, text: `${value}×`, ours: label === 'ours' })
const draw = (bars: readonly Bar[], title = 't') =>
  barChart({ title, subtitle: 's', note: 'n', least: 1, mark: (value) => `mark ${value}`, bars })

describe('a bar chart', () => {
  it('draws bars by the logarithm of what they stand for', () => {
    const svg = draw([bar('ours', 10), bar('other', 100), bar('none', 1)])
    const widths = [...svg.matchAll(/<rect class="bar[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width))
    expect(widths).toEqual([225, 450, 2])
    expect(svg).toContain('<rect class="bar ours"')
  })

  it('marks the powers of ten on its scale', () => {
    const marks = [...draw([bar('other', 250)]).matchAll(/>mark (\d+)</g)].map(([, mark]) => Number(mark))
    expect(marks).toEqual([1, 10, 100])
  })

  it('draws what single rounds had where they differ, and has room for it', () => {
    const spread = { lowest: 5, highest: 100 }
    const svg = draw([{ ...bar('other', 10), spread }, bar('sure', 10)])
    expect([...svg.matchAll(/class="spread"/g)]).toHaveLength(1)
    expect(svg).toContain('M457.3 85H750.0')
  })

  it('escapes what stands in it', () => {
    const svg = draw([bar('a<b', 2)], '<script>&')
    expect(svg).toContain('&lt;script&gt;&amp;')
    expect(svg).not.toContain('<script>')
  })
})
