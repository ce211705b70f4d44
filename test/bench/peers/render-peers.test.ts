import { describe, expect, it } from 'vitest'
import { PLAIN } from '../paint.ts'
import { summariesOf } from '../summaries.ts'
import { renderPeers } from './render-peers.ts'

const CALLS = {
  call: { direct: [[1, 1], [1]], other: [[2, 2], [4]] },
  'calls at 100': { direct: [[1]], other: [[3]] },
  '100 KB': { direct: [[1]], other: [[4]] },
  '5 MB': { direct: [[10]], other: [[5]] },
}

describe('the results of peers', () => {
  it('have a row for each way, with the ratios of each load, and name who is left out', () => {
    const failures = new Map([['third', 'it does not start']])
    const lines = renderPeers({ calls: CALLS, gateways: {}, failures }, PLAIN)
    const [other] = lines.filter((line) => line.includes('other'))
    expect(other?.split(/ {2,}/).slice(1)).toEqual(['2.00 ms', '4.00 ms', '2.00×', '3.00×', '4.00×', '0.50×'])
    expect(lines.at(-1)).toBe(' third is left out: it does not start')
  })

  it('say what becomes of clients and servers when something dies', () => {
    const back = { sameClient: 40, newClient: 40, left: 0, memoryBytes: 90e6 }
    const gone = { sameClient: undefined, newClient: undefined, left: 2, memoryBytes: 60e6 }
    const anew = { sameClient: undefined, newClient: 70, left: 1, memoryBytes: 500e6 }
    const lines = renderPeers({ calls: CALLS, gateways: { back, gone, anew }, failures: new Map() }, PLAIN)
    expect(lines.slice(-3).map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['back', '40.0 ms', '0', '90.0 MB'],
      ['gone', 'never', '2', '60.0 MB'],
      ['anew', 'never; a new client is', '1', '500 MB'],
    ])
  })

  it('leave out what was not looked at', () => {
    const lines = renderPeers({ calls: CALLS, gateways: {}, failures: new Map() }, PLAIN)
    expect(lines.filter((line) => line.includes('memory'))).toEqual([])
  })

  it('are told to programs with the spread of the rounds', () => {
    expect(summariesOf(CALLS).call?.other?.to_direct).toEqual({ ratio: 2, lowest: 2, highest: 4 })
  })
})
