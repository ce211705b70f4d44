import { describe, expect, it } from 'vitest'
import { bestPeer, DIRECT_HTTP, type PeerJson } from './best-peer.ts'

const way = (p50: number) => ({ p50, to_direct: { ratio: p50 } })
const RESULTS: PeerJson = {
  calls: {
    call: { direct: way(1), [DIRECT_HTTP]: way(4), 'pilot connect': way(2), 'a → HTTP': way(8), 'b → SSE': way(6) },
    'calls at 100': { direct: way(1), 'a → HTTP': way(10), 'b → SSE': way(5) },
  },
  gateways: { 'pilot connect': { memoryBytes: 1 }, 'a → HTTP': { memoryBytes: 70 } },
  others: ['a → HTTP', 'b → SSE'],
}

describe('the best of others', () => {
  it('is the one that takes least, none of ours', () => {
    expect(bestPeer('call', RESULTS)).toEqual({ title: 'b → SSE', measured: 6 })
  })

  it('is, of calls at once, the one that makes most of them', () => {
    expect(bestPeer('calls at 100', RESULTS)).toEqual({ title: 'b → SSE', measured: 0.2 })
  })

  it('over HTTP is compared with a direct call over HTTP', () => {
    expect(bestPeer('call over HTTP', RESULTS)).toEqual({ title: 'a → HTTP', measured: 2 })
  })

  it('is one whose memory was measured', () => {
    expect(bestPeer('memory', RESULTS)).toEqual({ title: 'a → HTTP', measured: 70 })
  })

  it('is nobody where nothing was measured', () => {
    expect(bestPeer('5 MB', RESULTS)).toBeUndefined()
  })
})
