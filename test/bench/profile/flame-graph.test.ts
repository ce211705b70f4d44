import { describe, expect, it } from 'vitest'
import type { Call } from './call-tree.ts'
import { flameGraph } from './flame-graph.ts'

const call = (name: string, total: number, callees: readonly Call[] = []): Call => {
  return { name, owner: 'ours', self: 0, total, callees }
}
const draw = (...callees: Call[]) => flameGraph(call('(root)', 1, callees), { title: 't', note: 'n' })
const boxes = (svg: string) =>
  [...svg.matchAll(/<rect class="ours" x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)].map((box) =>
    box.slice(1).map(Number),
  )

describe('a flame graph', () => {
  it('puts calls below their callers, side by side, as wide as their part of the work', () => {
    expect(boxes(draw(call('a', 0.5, [call('b', 0.25)]), call('c', 0.25)))).toEqual([
      [20, 72, 580],
      [20, 90, 290],
      [600, 72, 290],
    ])
  })

  it('leaves out what cannot be seen, and shortens names to their boxes', () => {
    const svg = draw(call('tooSmallToSee', 0.001), call('aNameThatIsLongerThanItsBox', 0.05))
    expect(svg).not.toContain('tooSmallToSee')
    expect(svg).toContain('>aNameTh…<')
    expect(svg).toContain('<title>aNameThatIsLongerThanItsBox: 5.0 %, itself 0.0 %</title>')
  })

  it('escapes names', () => {
    expect(draw(call('<computed>', 1))).toContain('&lt;computed&gt;')
  })
})
