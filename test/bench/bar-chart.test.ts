import { describe, expect, it } from 'vitest'
import { barChart } from './bar-chart.ts'

const bar = (label: string, value: number) => ({ label, value, text: `${value}×`, ours: label === 'ours' })

describe('a bar chart', () => {
  it('draws bars by the logarithm of what they stand for', () => {
    const svg = barChart({
      title: 't',
      subtitle: 's',
      least: 1,
      bars: [bar('ours', 10), bar('other', 100), bar('none', 1)],
    })
    const widths = [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width))
    expect(widths).toEqual([255, 510, 2])
    expect(svg).toContain('<rect class="ours"')
  })

  it('escapes what stands in it', () => {
    const svg = barChart({ title: '<script>&', subtitle: 's', least: 1, bars: [bar('a<b', 2)] })
    expect(svg).toContain('&lt;script&gt;&amp;')
    expect(svg).not.toContain('<script>')
  })
})
