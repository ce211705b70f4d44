import { describe, expect, it } from 'vitest'
import { PLAIN } from '../paint.ts'
import { summariesOf } from '../summaries.ts'
import { renderPeers } from './render-peers.ts'

const CALLS = {
  call: { direct: [[1, 1], [1]], other: [[2, 2], [4]] },
  'calls at 100': { direct: [[1]], other: [[3]] },
  '5 MB': { direct: [[10]], other: [[5]] },
}

describe('the results of peers', () => {
  it('have a row for each way, with the ratios of each load, and name who is left out', () => {
    const lines = renderPeers({ calls: CALLS, failures: new Map([['third', 'it does not start']]) }, PLAIN)
    const [other] = lines.filter((line) => line.includes('other'))
    expect(other?.split(/ {2,}/).slice(1)).toEqual(['2.00 ms', '4.00 ms', '2.00×', '3.00×', '0.50×'])
    expect(lines.at(-1)).toBe(' third is left out: it does not start')
  })

  it('are told to programs with the spread of the rounds', () => {
    expect(summariesOf(CALLS).call?.other?.to_direct).toEqual({ ratio: 2, lowest: 2, highest: 4 })
  })
})
